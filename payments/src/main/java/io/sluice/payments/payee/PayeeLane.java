package io.sluice.payments.payee;

import io.sluice.payments.DealRef;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One lane: its best voucher, what of it counts, and the deal that it pays for. */
final class PayeeLane {
  final long number;
  Optional<SignedVoucher> best = Optional.empty();

  TokenAmount counted = TokenAmount.ZERO;
  @Nullable DealAccount account;
  @Nullable DealRef binding;

  PayeeLane(long number) {
    this.number = number;
  }

  TokenAmount amount() {
    return best.map(SignedVoucher::amount).orElse(TokenAmount.ZERO);
  }

  long nonce() {
    return best.map(voucher -> voucher.voucher().nonce()).orElse(0L);
  }
}
