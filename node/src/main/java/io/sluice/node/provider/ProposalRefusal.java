package io.sluice.node.provider;

import io.sluice.fsm.DealReason;
import io.sluice.payments.payee.OpeningDecision;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;

/**
 * Why a provider says no.
 *
 * @param code what kind of refusal
 * @param message for a person
 * @param debt what earlier deals left unpaid
 * @param best the lane's better voucher
 * @param shortfall by how much the deposit is too small
 * @param retryAfter seconds to wait
 */
record ProposalRefusal(
    DealCode code,
    String message,
    Optional<Debt> debt,
    Optional<SignedVoucher> best,
    Optional<TokenAmount> shortfall,
    Optional<Long> retryAfter) {

  /**
   * What an earlier deal left unpaid.
   *
   * @param owed what that comes to
   * @param charged the bytes that it is counted for
   * @param deal the client's number of it, if the same client made it
   */
  record Debt(TokenAmount owed, long charged, Optional<Long> deal) {}

  static ProposalRefusal of(DealCode code, String message) {
    return new ProposalRefusal(
        code, message, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  static ProposalRefusal later(DealCode code, String message, long seconds) {
    return new ProposalRefusal(
        code, message, Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(seconds));
  }

  /** A refused opening; where that is for a debt, it is this one. */
  static ProposalRefusal of(OpeningDecision.OpeningRefused refused, Optional<Debt> debt) {
    return new ProposalRefusal(
        refused.code(),
        refused.message(),
        debt,
        refused.best(),
        refused.amount().filter(any -> refused.code() != DealCode.UNPAID),
        Optional.empty());
  }

  /** What a client that sent an opening is told. */
  DealResult result(long dealId) {
    return new DealResult(
        dealId,
        code,
        debt.map(Debt::owed),
        debt.map(Debt::charged),
        debt.flatMap(Debt::deal),
        best.map(voucher -> voucher.payment(dealId, 0, false)),
        shortfall,
        retryAfter,
        Optional.of(message));
  }

  /** What is recorded. */
  DealReason reason() {
    return new DealReason(code, message);
  }

  /** What everybody is told, in one line. */
  String line() {
    return code + ": " + message;
  }
}
