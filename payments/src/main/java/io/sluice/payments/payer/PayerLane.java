package io.sluice.payments.payer;

import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One lane: all that was ever signed on it, and who has it now. */
final class PayerLane {
  final long number;
  Optional<SignedVoucher> best = Optional.empty();
  PayerChannel.@Nullable Hold hold;
  boolean signing;

  PayerLane(long number) {
    this.number = number;
  }

  TokenAmount amount() {
    return best.map(SignedVoucher::amount).orElse(TokenAmount.ZERO);
  }

  long nonce() {
    return best.map(voucher -> voucher.voucher().nonce()).orElse(0L);
  }
}
