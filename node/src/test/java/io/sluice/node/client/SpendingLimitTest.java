package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.node.api.ServiceException;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
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

  @Test
  void givenExactlyWhatItCosts_thenItIsEnough() throws ServiceException {
    SpendingLimit spending = new SpendingLimit(Optional.of(TokenAmount.of(1_000)));
    assertEquals(TokenAmount.of(1_000), spending.budget(TERMS, TEN_MIB, TEN_MIB));
  }

  @Test
  void givenDeals_thenWhatTheyCostIsAddedUp() {
    SpendingLimit spending = new SpendingLimit(Optional.empty());
    spending.spend(TokenAmount.of(600), 3);
    spending.spend(TokenAmount.of(50), 4);

    assertEquals(TokenAmount.of(650), spending.spent());
    assertEquals(7, spending.vouchers());
  }

  /** A parked deal that its provider does not go on with: the rest costs what it costs. */
  @Test
  void givenADealOfAnEarlierCommand_thenWhatItHadPaidCountsAgainstTheUsersLimitOnly()
      throws ServiceException {
    SpendingLimit quoted = new SpendingLimit(Optional.empty());
    SpendingLimit named = new SpendingLimit(Optional.of(TokenAmount.of(1_000)));
    for (SpendingLimit each : List.of(quoted, named)) {
      each.goOnFrom(TokenAmount.of(600));
      assertEquals(TokenAmount.of(440), each.budget(TERMS, FOUR_MIB, FOUR_MIB), "not over yet");
      each.spend(TokenAmount.of(620), 3);
    }

    assertEquals(TokenAmount.of(420), quoted.budget(TERMS, FOUR_MIB, FOUR_MIB));
    assertEquals(
        "the rest costs 400, of the 1000 allowed 620 are spent",
        assertThrows(ServiceException.class, () -> named.budget(TERMS, FOUR_MIB, FOUR_MIB))
            .getMessage());
  }

  /** What was lost again costs again: within what the user named, or by a quote of its own. */
  @Test
  void givenTheOrderRunsAgain_thenWhatItCostCountsAgainstTheUsersLimitOnly()
      throws ServiceException {
    SpendingLimit quoted = new SpendingLimit(Optional.empty());
    SpendingLimit named = new SpendingLimit(Optional.of(TokenAmount.of(1_600)));
    for (SpendingLimit each : List.of(quoted, named)) {
      each.spend(TokenAmount.of(1_000), 3);
      each.runAgain();
    }

    assertEquals(TokenAmount.of(440), quoted.budget(TERMS, FOUR_MIB, FOUR_MIB));
    assertEquals(TokenAmount.of(440), named.budget(TERMS, FOUR_MIB, FOUR_MIB));
    quoted.spend(TokenAmount.of(400), 1);
    named.spend(TokenAmount.of(400), 1);
    assertEquals(
        "the rest costs 400, of the 440 allowed 400 are spent",
        assertThrows(ServiceException.class, () -> quoted.budget(TERMS, FOUR_MIB, FOUR_MIB))
            .getMessage());
    assertEquals(
        "the rest costs 400, of the 1600 allowed 1400 are spent",
        assertThrows(ServiceException.class, () -> named.budget(TERMS, FOUR_MIB, FOUR_MIB))
            .getMessage());
    assertEquals(
        "it costs 1000, you allow 999",
        assertThrows(
                ServiceException.class,
                () ->
                    new SpendingLimit(Optional.of(TokenAmount.of(999)))
                        .budget(TERMS, TEN_MIB, TEN_MIB))
            .getMessage());
  }
}
