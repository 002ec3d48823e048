package io.sluice.node.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.payments.PaymentCode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorCodeTest {

  @ParameterizedTest
  @EnumSource
  void eachReasonOfPaymentsHasItsCode_andADealEndsWithTheSameExit(PaymentCode code) {
    ErrorCode direct = ErrorCode.of(code);

    assertEquals(code.name(), direct.name());
    assertEquals(direct.exit(), ErrorCode.ofDeal(code).exit());
  }
}
