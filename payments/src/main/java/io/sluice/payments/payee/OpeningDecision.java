package io.sluice.payments.payee;

import io.sluice.payments.DealRef;
import io.sluice.payments.Prepared;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;

/** What a payee says to an opening. */
public sealed interface OpeningDecision {
  /**
   * The deal has its lane. The record belongs into the journal entry of the deal's acceptance,
   * before that is sent; it is empty if the deal was bound in the same way before.
   */
  record Admitted(Prepared<DealAccount> account) implements OpeningDecision {}

  /**
   * The opening brought a better voucher of the lane, which pays for the deal that had the lane
   * before: give it to that deal as if it had arrived there, then ask again.
   */
  record PreviousPaid(DealRef previous, Prepared<Credit> paid) implements OpeningDecision {}

  /**
   * No.
   *
   * @param code why; {@code UNPAID}, {@code LANE_BUSY}, {@code LANE_BEHIND} and the like
   * @param message for a person
   * @param best the lane's better voucher, with {@code LANE_BEHIND}
   * @param amount the shortfall of the deposit, or what the payer left unpaid
   * @param deal the unpaid deal, or the one that has the lane
   */
  record OpeningRefused(
      DealCode code,
      String message,
      Optional<SignedVoucher> best,
      Optional<TokenAmount> amount,
      Optional<DealRef> deal)
      implements OpeningDecision {
    static OpeningRefused of(DealCode code, String message) {
      return new OpeningRefused(
          code, message, Optional.empty(), Optional.empty(), Optional.empty());
    }

    static OpeningRefused of(DealCode code, String message, TokenAmount amount) {
      return new OpeningRefused(
          code, message, Optional.empty(), Optional.of(amount), Optional.empty());
    }

    static OpeningRefused of(DealCode code, String message, DealRef deal) {
      return new OpeningRefused(
          code, message, Optional.empty(), Optional.empty(), Optional.of(deal));
    }
  }
}
