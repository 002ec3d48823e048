package io.sluice.payments.payer;

import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.token.AmountMessage;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.HashSet;
import java.util.Set;

/** A deal's hold on a lane. Not thread-safe: the lock of the lane's channel guards it. */
final class LaneHold {
  private final DealRef deal;
  private final PayerLane lane;
  private TokenAmount base;
  private TokenAmount budget;
  private final Set<Long> avoided;

  LaneHold(DealRef deal, PayerLane lane, TokenAmount base, TokenAmount budget, Set<Long> avoided) {
    this.deal = deal;
    this.lane = lane;
    this.base = base;
    this.budget = budget;
    this.avoided = Set.copyOf(avoided);
  }

  DealRef deal() {
    return deal;
  }

  PayerLane lane() {
    return lane;
  }

  /** What the lane had vouchered when the deal took it. */
  TokenAmount base() {
    return base;
  }

  /** Nothing below is this deal's: it was signed before, for others. */
  void raiseBase(TokenAmount to) {
    base = base.max(to);
  }

  /** Most that the deal may add to the base. */
  TokenAmount budget() {
    return budget;
  }

  void budget(TokenAmount changed) {
    budget = changed;
  }

  /** What the deal has signed away. */
  TokenAmount spent() {
    return lane.vouchered().minusOrZero(base);
  }

  /** What it may still sign away. */
  TokenAmount left() {
    return budget.minusOrZero(spent());
  }

  /** What the deal is told of it, on the channel that was opened by that intent. */
  LaneTicket ticket(Domain domain, Intent.Open open) {
    return new LaneTicket(
        deal,
        domain,
        open.channel(domain),
        open.signer(),
        lane.number(),
        base,
        budget,
        lane.best());
  }

  /** The deal may come to so much in all. */
  void checkBudget(TokenAmount due) {
    if (due.exceeds(budget)) {
      throw new PaymentException(
          DealCode.BUDGET_EXCEEDED,
          AmountMessage.of("%s due, budget %s", due, budget),
          due.minus(budget));
    }
  }

  /** The lanes that the payee called busy, this one with them. */
  Set<Long> busyLanes() {
    Set<Long> busy = new HashSet<>(avoided);
    busy.add(lane.number());
    return busy;
  }
}
