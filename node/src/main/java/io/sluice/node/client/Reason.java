package io.sluice.node.client;

import io.sluice.payments.PaymentException;
import io.sluice.protocol.retrieval.DealCode;

/**
 * Why a deal stands still or ends.
 *
 * @param code what kind of reason
 * @param message for a person
 */
record Reason(DealCode code, String message) {

  /** What a failure of payments is called in a deal, whose own limits it then ran into. */
  static DealCode codeOf(PaymentException failure) {
    return switch (failure.code()) {
      case BUDGET_EXCEEDED -> DealCode.BUDGET_USED;
      case MAX_DEPOSIT -> DealCode.DEPOSIT_USED;
      case NOT_CONFIRMED -> DealCode.TIMEOUT;
      default -> failure.code();
    };
  }
}
