package io.sluice.payments.payee;

import io.sluice.payments.DealRef;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One lane: its best voucher, what of it counts, and the deal that it pays for. Not thread-safe: it
 * never leaves its channel, whose monitor guards it.
 */
final class PayeeLane {
  private final long number;
  private Optional<SignedVoucher> best = Optional.empty();
  private TokenAmount credit = TokenAmount.ZERO;
  private @Nullable DealFigures deal;
  private @Nullable DealRef binding;

  PayeeLane(long number) {
    this.number = number;
  }

  long number() {
    return number;
  }

  /** The highest voucher. */
  Optional<SignedVoucher> best() {
    return best;
  }

  TokenAmount vouchered() {
    return best.map(SignedVoucher::amount).orElse(TokenAmount.ZERO);
  }

  long nonce() {
    return best.map(voucher -> voucher.voucher().nonce()).orElse(0L);
  }

  /**
   * Keeps the voucher if it is the best so far; one that became durable late, after a better one,
   * must not take its place.
   *
   * @return whether it is
   */
  boolean keep(SignedVoucher voucher) {
    if (best.isPresent() && !voucher.amount().exceeds(vouchered())) {
      return false;
    }
    best = Optional.of(voucher);
    return true;
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
