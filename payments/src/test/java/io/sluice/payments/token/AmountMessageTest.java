package io.sluice.payments.token;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.payments.PaymentException;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AmountMessageTest {
  private static final Tokens TOKENS = new Tokens(new Token("FIL", EvmAddress.ZERO, 2), List.of());

  private final AmountMessage message =
      AmountMessage.of("%s due, budget %s", TokenAmount.of(150), TokenAmount.of(7));

  @Test
  void writtenByWhoeverKnowsTheToken_elseInBaseUnits() {
    assertEquals("1.5 FIL due, budget 0.07 FIL", message.written(TOKENS::show));
    assertEquals("150 base units due, budget 7 base units", message.toString());
  }

  @Test
  void anException_keepsItsCodeAndShortfall() {
    PaymentException written =
        new PaymentException(DealCode.BUDGET_EXCEEDED, message, TokenAmount.of(143))
            .written(TOKENS::show);

    assertEquals("1.5 FIL due, budget 0.07 FIL", written.getMessage());
    assertEquals(DealCode.BUDGET_EXCEEDED, written.code());
    assertEquals(Optional.of(TokenAmount.of(143)), written.shortfall());
  }
}
