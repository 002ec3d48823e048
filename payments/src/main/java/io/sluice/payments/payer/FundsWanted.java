package io.sluice.payments.payer;

import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.token.AmountMessage;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * What deals want of a channel's money, held against what is there: whether one can have it now,
 * whether waiting is of use, and the one top-up that serves all that wait. Not thread-safe: the
 * channel's monitor guards it.
 */
final class FundsWanted {
  private final Bytes32 id;
  private final Intent.Open open;
  private final LanePool lanes;
  private final ChannelFunds funds;

  /** Of the channel whose lanes and funds these are. */
  FundsWanted(Domain domain, Intent.Open open, LanePool lanes, ChannelFunds funds) {
    this.id = open.channel(domain);
    this.open = open;
    this.lanes = lanes;
    this.funds = funds;
  }

  /** Whether the deposit is good for all that is promised and for what the request lacks. */
  boolean isCovered(FundsRequest request) {
    return funds.covers(lanes.committed().plus(missing(request)));
  }

  private TokenAmount missing(FundsRequest request) {
    LaneHold hold = lanes.find(request.deal());
    return hold == null ? request.budget() : request.budget().minusOrZero(hold.budget());
  }

  /** Puts the deal into the queue for money; what has to be durable, if that is new. */
  Optional<PaymentRecord> ask(FundsRequest request, PayerPolicy policy) {
    DealRef deal = request.deal();
    TokenAmount missing = missing(request);
    // The queue is durable already as it stands: asking again writes nothing.
    if (missing.equals(funds.waiting().get(deal))) {
      return Optional.empty();
    }
    policy.checkDeposit(open.token(), lanes.reserved().plus(funds.asked()).plus(missing));
    funds.waiting().put(deal, missing);
    return Optional.of(new PaymentRecord.FundsAsked(deal, id, missing));
  }

  /** Whether somebody who waits should look again: at this channel, or for another. */
  boolean canGoOn(FundsRequest request) {
    funds.throwFailure(request.deal());
    return !funds.isUsable() || isCovered(request) || canTopUp();
  }

  /** One top-up for all that wait, if something is missing and nothing is on its way. */
  Optional<Intent.TopUp> planTopUp(SecureRandom random) {
    if (!canTopUp()) {
      return Optional.empty();
    }
    Intent.TopUp topUp =
        new Intent.TopUp(IntentId.random(random), open.sender(), id, funds.gap(lanes.committed()));
    funds.begun(topUp.id());
    return Optional.of(topUp);
  }

  /** Whether a top-up would help that is not on its way already. */
  boolean canTopUp() {
    return funds.canTopUp(lanes.committed());
  }

  /** The deal waits for a deposit that is larger by what its payee misses. */
  TokenAmount aim(DealRef deal, TokenAmount shortfall, PayerPolicy policy) {
    TokenAmount target = funds.view().confirmed().plus(shortfall);
    // What is signed away lies in the channel no longer, as far as a limit for losses goes.
    policy.checkDeposit(open.token(), target.max(funds.deposit()).minusOrZero(lanes.vouchered()));
    funds.aim(deal, target);
    return target;
  }

  /** Whether so much is confirmed; throws if it never will be. */
  boolean isConfirmed(DealRef deal, TokenAmount target) {
    funds.throwFailure(deal);
    if (!target.exceeds(funds.view().confirmed())) {
      return true;
    }
    if (!funds.isUsable()) {
      throw new PaymentException(DealCode.CHANNEL_CLOSING, "channel " + id);
    }
    return false;
  }

  /** What somebody is told who has waited long enough. */
  PaymentException notConfirmed() {
    return new PaymentException(
        DealCode.NOT_CONFIRMED,
        AmountMessage.of(
            "channel " + id + ": %s of %s confirmed", funds.view().confirmed(), funds.deposit()));
  }
}
