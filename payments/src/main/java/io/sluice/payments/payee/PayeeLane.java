package io.sluice.payments.payee;

import io.sluice.payments.DealRef;
import io.sluice.payments.Lane;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One lane at the payee: what of its best voucher counts, and the deal that it pays for. */
final class PayeeLane extends Lane {
  private TokenAmount credit = TokenAmount.ZERO;
  private @Nullable DealFigures deal;
  private @Nullable DealRef binding;

  PayeeLane(long number) {
    super(number);
  }

  /** How much of the lane counts as paid. */
  TokenAmount credit() {
    return credit;
  }

  /** What counts never becomes less: blocks have gone out for it. */
  void raiseCredit(TokenAmount to) {
    credit = credit.max(to);
  }

  /** The deal that the lane pays for now, also if it has ended. */
  @Nullable DealFigures deal() {
    return deal;
  }

  void pays(DealFigures next) {
    deal = next;
    binding = null;
  }

  /** The live deal on it. */
  Optional<DealRef> liveDeal() {
    return Optional.ofNullable(deal).filter(DealFigures::isLive).map(DealFigures::deal);
  }

  /** The deal that will have it as soon as that is durable. */
  Optional<DealRef> binding() {
    return Optional.ofNullable(binding);
  }

  void bind(@Nullable DealRef to) {
    binding = to;
  }

  /** Whether so much would clear all that the lane's deal owes. */
  boolean isClearedBy(TokenAmount vouchered) {
    return deal == null || !deal.due().exceeds(deal.share(vouchered));
  }
}
