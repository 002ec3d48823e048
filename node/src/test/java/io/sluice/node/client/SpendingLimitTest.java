package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.node.api.ServiceException;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** One limit over all deals of an order. */
class SpendingLimitTest {
  private static final Optional<Long> TEN_MIB = Optional.of(10L << 20);
  private static final Optional<Long> FOUR_MIB = Optional.of(4L << 20);
  private static final Terms TERMS = Terms.atPrice(TokenAmount.of(100));

  @Test
  void givenNoLimit_thenAQuoteAndATenth() throws ServiceException {
    assertEquals(
        TokenAmount.of(1_100), new SpendingLimit(Optional.empty()).budget(TERMS, TEN_MIB, TEN_MIB));
  }

  @Test
  void givenALimitAboveTheQuote_thenStillNoMoreThanATenthAbove() throws ServiceException {
    SpendingLimit spending = new SpendingLimit(Optional.of(TokenAmount.of(5_000)));
    assertEquals(TokenAmount.of(1_100), spending.budget(TERMS, TEN_MIB, TEN_MIB));
  }

  @Test
  void givenALimitJustAboveTheQuote_thenTheLimit() throws ServiceException {
    SpendingLimit spending = new SpendingLimit(Optional.of(TokenAmount.of(1_001)));
    assertEquals(TokenAmount.of(1_001), spending.budget(TERMS, TEN_MIB, TEN_MIB));
  }

  @Test
  void givenALimitBelowTheQuote_thenRefused() {
    SpendingLimit spending = new SpendingLimit(Optional.of(TokenAmount.of(999)));
    assertEquals(
        DealCode.PRICE_TOO_HIGH,
        assertThrows(ServiceException.class, () -> spending.budget(TERMS, TEN_MIB, TEN_MIB))
            .code());
  }

  @Test
  void givenAnEarlierDeal_thenWhatItCostCounts() throws ServiceException {
    SpendingLimit spending = new SpendingLimit(Optional.of(TokenAmount.of(1_050)));
    spending.spend(TokenAmount.of(600), 3);
    assertEquals(TokenAmount.of(440), spending.budget(TERMS, TEN_MIB, FOUR_MIB));
    spending.spend(TokenAmount.of(51), 3);
    assertEquals(
        DealCode.PRICE_TOO_HIGH,
        assertThrows(ServiceException.class, () -> spending.budget(TERMS, TEN_MIB, FOUR_MIB))
            .code());
  }

  @Test
  void givenNoLimitAndAnEarlierDeal_thenTheFirstQuoteBoundsBoth() throws ServiceException {
    SpendingLimit spending = new SpendingLimit(Optional.empty());
    spending.spend(TokenAmount.of(690), 3);
    assertEquals(TokenAmount.of(410), spending.budget(TERMS, TEN_MIB, FOUR_MIB));
  }

  @Test
  void givenUnknownSize_thenALimitIsNeeded() throws ServiceException {
    assertThrows(
        ServiceException.class,
        () ->
            new SpendingLimit(Optional.empty()).budget(TERMS, Optional.empty(), Optional.empty()));
    assertEquals(
        TokenAmount.of(7),
        new SpendingLimit(Optional.of(TokenAmount.of(7)))
            .budget(TERMS, Optional.empty(), Optional.empty()));
  }
}
