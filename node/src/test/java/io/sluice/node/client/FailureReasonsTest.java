package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.payments.PaymentException;
import io.sluice.protocol.retrieval.DealCode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FailureReasonsTest {

  @ParameterizedTest
  @EnumSource
  void whatPaymentsSay_endsADealWithTheSameExit(DealCode code) {
    DealCode ofDeal = FailureReasons.of(new PaymentException(code, "because")).code();

    assertEquals(code.exit(), ofDeal.exit());
  }
}
