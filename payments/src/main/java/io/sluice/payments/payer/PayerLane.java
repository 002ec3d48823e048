package io.sluice.payments.payer;

import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One lane: all that was ever signed on it, and which deal has it now. Not thread-safe: it never
 * leaves its channel, whose lock guards it.
 */
final class PayerLane {
  private final long number;
  private Optional<SignedVoucher> best = Optional.empty();
  private @Nullable LaneHold hold;

  /** Whether a voucher is signed that is neither durable nor given up: the next must wait. */
  private boolean signing;

  PayerLane(long number) {
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

  /** A lower voucher than the best changes nothing, whenever it becomes durable. */
  void keep(SignedVoucher voucher) {
    if (best.isEmpty() || voucher.amount().exceeds(vouchered())) {
      best = Optional.of(voucher);
    }
  }

  /** What is to be signed next. Two at a time could share a nonce. */
  Voucher next(Bytes32 channel, TokenAmount total) {
    if (signing) {
      throw new IllegalStateException("lane %d: last voucher not done".formatted(number));
    }
    signing = true;
    return new Voucher(channel, number, nonce() + 1, total);
  }

  /** The voucher that was signed is durable, or given up. */
  void signed() {
    signing = false;
  }

  @Nullable LaneHold hold() {
    return hold;
  }

  void heldBy(@Nullable LaneHold by) {
    hold = by;
  }
}
