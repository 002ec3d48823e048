package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.fsm.DealReason;
import io.sluice.payments.PaymentException;
import io.sluice.protocol.graphsync.RequestOutcome;
import io.sluice.protocol.graphsync.RequestResult;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.retrieval.DealCode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FailureReasonsTest {

  @ParameterizedTest
  @EnumSource
  void whatPaymentsSay_endsADealWithTheSameExit(DealCode code) {
    DealCode ofDeal = FailureReasons.of(new PaymentException(code, "because")).code();

    assertEquals(code.exit(), ofDeal.exit());
  }

  @ParameterizedTest
  @CsvSource({
    "BUDGET_EXCEEDED, BUDGET_USED",
    "MAX_DEPOSIT, DEPOSIT_USED",
    "NOT_CONFIRMED, TIMEOUT",
    "CHANNEL_CLOSING, CHANNEL_CLOSING",
  })
  void whatPaymentsSay_inTheDealsOwnWords(DealCode said, DealCode code) {
    assertEquals(
        new DealReason(code, "because"), FailureReasons.of(new PaymentException(said, "because")));
  }

  @ParameterizedTest
  @CsvSource({
    "NOT_FOUND, NOT_FOUND",
    "BUSY, BUSY",
    "CANCELLED, CANCELLED",
    "REJECTED, REFUSED",
    "FAILED, REFUSED",
  })
  void whatGraphsyncSays_isARefusal(ResponseStatus status, DealCode code) {
    assertEquals(
        new DealReason(code, code.meaning()),
        FailureReasons.ofRefusal(refused(Optional.of(status))));
  }

  @Test
  void noStatusAtAll_isARefusal() {
    assertEquals(DealCode.REFUSED, FailureReasons.ofRefusal(refused(Optional.empty())).code());
  }

  private static RequestResult refused(Optional<ResponseStatus> status) {
    return new RequestResult(
        RequestOutcome.REFUSED, status, false, List.of(), 0, 0, 0, 0, 0, 0, Optional.empty());
  }
}
