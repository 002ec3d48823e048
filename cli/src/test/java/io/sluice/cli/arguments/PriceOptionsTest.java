package io.sluice.cli.arguments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.TokenSum;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A price for a GiB as one for a MiB. */
class PriceOptionsTest {
  private static final Tokens SIX = new Tokens(new Token("USD", EvmAddress.ZERO, 6), List.of());

  private static TokenSum coins(TokenAmount amount) {
    return new TokenSum(EvmAddress.ZERO, amount);
  }

  @Test
  void aGibIs1024Mib() throws ServiceException {
    assertEquals(
        coins(TokenAmount.of(10)), PriceOptions.perMiB(coins(TokenAmount.of(10_240)), SIX));
    assertEquals(coins(TokenAmount.ZERO), PriceOptions.perMiB(coins(TokenAmount.ZERO), SIX));
  }

  /** A seller who is told nothing would ask another price than was typed. */
  @Test
  void givenNoWholeNumberForAMib_thenRefusedWithTheNearest() {
    ServiceException refused =
        assertThrows(
            ServiceException.class, () -> PriceOptions.perMiB(coins(TokenAmount.of(10_000)), SIX));

    assertEquals(ErrorCode.BAD_AMOUNT, refused.code());
    assertTrue(refused.reason().endsWith("0.009216 USD and 0.01024 USD"), refused::reason);
  }

  @Test
  void aPriceThatNoAmountCanBeForAGibIsShownAllTheSame() {
    TokenAmount most = new TokenAmount(BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE));
    assertEquals(
        "348449143727040986586495598010130648.52992 USD",
        PriceOptions.perGiB(most, SIX, EvmAddress.ZERO));
  }
}
