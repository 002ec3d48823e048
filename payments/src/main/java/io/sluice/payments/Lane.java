package io.sluice.payments;

import io.sluice.payments.ChannelBook.LaneBook;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;

/**
 * One lane of a channel as either end keeps it: a number and the best voucher. Not thread-safe: it
 * never leaves its channel, whose monitor guards it.
 */
public abstract class Lane {
  private final long number;
  private Optional<SignedVoucher> best = Optional.empty();

  /** A lane without vouchers yet. */
  protected Lane(long number) {
    this.number = number;
  }

  /** Its number in the channel. */
  public final long number() {
    return number;
  }

  /** The highest voucher. */
  public final Optional<SignedVoucher> best() {
    return best;
  }

  /** What the highest voucher is worth. */
  public final TokenAmount vouchered() {
    return best.map(SignedVoucher::amount).orElse(TokenAmount.ZERO);
  }

  /** The nonce of the highest voucher; 0 is none. */
  public final long nonce() {
    return best.map(voucher -> voucher.voucher().nonce()).orElse(0L);
  }

  /** The lane in the channel's books, with the live deal on it. */
  public final LaneBook book(Optional<DealRef> deal) {
    return new LaneBook(number, vouchered(), nonce(), deal);
  }

  /**
   * Keeps the voucher if it is the best so far. Vouchers become durable in any order, and one that
   * does so after a better one must not take its place: its amount contains nothing of the other's.
   *
   * @return whether it is
   */
  public final boolean keep(SignedVoucher voucher) {
    if (best.isPresent() && !voucher.amount().exceeds(vouchered())) {
      return false;
    }
    best = Optional.of(voucher);
    return true;
  }
}
