package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.node.api.ServiceException;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** One limit over all deals of an order. */
class SpendingLimitTest {
  private static final Optional<Long> TEN_MIB = Optional.of(10L << 20);
  private static final Optional<Long> FOUR_MIB = Optional.of(4L << 20);
  private static final Tokens TOKENS = new Tokens(new Token("PLAY", EvmAddress.ZERO, 2), List.of());
  private static final Terms TERMS = Terms.atPrice(TokenAmount.of(100));

  @Test
  void givenNoLimit_thenAQuoteAndATenth() throws ServiceException {
    assertEquals(
        TokenAmount.of(1_100),
        new SpendingLimit(Optional.empty(), TOKENS).budget(TERMS, TEN_MIB, TEN_MIB));
  }

  @Test
  void givenALimitAboveTheQuote_thenStillNoMoreThanATenthAbove() throws ServiceException {
    SpendingLimit spending = new SpendingLimit(Optional.of(TokenAmount.of(5_000)), TOKENS);
    assertEquals(TokenAmount.of(1_100), spending.budget(TERMS, TEN_MIB, TEN_MIB));
  }

  @Test
  void givenALimitJustAboveTheQuote_thenTheLimit() throws ServiceException {
    SpendingLimit spending = new SpendingLimit(Optional.of(TokenAmount.of(1_001)), TOKENS);
    assertEquals(TokenAmount.of(1_001), spending.budget(TERMS, TEN_MIB, TEN_MIB));
  }

  @Test
  void givenALimitBelowTheQuote_thenRefused() {
    SpendingLimit spending = new SpendingLimit(Optional.of(TokenAmount.of(999)), TOKENS);
    assertEquals(
        DealCode.PRICE_TOO_HIGH,
        assertThrows(ServiceException.class, () -> spending.budget(TERMS, TEN_MIB, TEN_MIB))
            .code());
  }

  @Test
  void givenAnEarlierDeal_thenWhatItCostCounts() throws ServiceException {
    SpendingLimit spending = new SpendingLimit(Optional.of(TokenAmount.of(1_050)), TOKENS);
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
    SpendingLimit spending = new SpendingLimit(Optional.empty(), TOKENS);
    spending.spend(TokenAmount.of(690), 3);
    assertEquals(TokenAmount.of(410), spending.budget(TERMS, TEN_MIB, FOUR_MIB));
  }

  @Test
  void givenUnknownSize_thenALimitIsNeeded() throws ServiceException {
    assertThrows(
        ServiceException.class,
        () ->
            new SpendingLimit(Optional.empty(), TOKENS)
                .budget(TERMS, Optional.empty(), Optional.empty()));
    assertEquals(
        TokenAmount.of(7),
        new SpendingLimit(Optional.of(TokenAmount.of(7)), TOKENS)
            .budget(TERMS, Optional.empty(), Optional.empty()));
  }

  @Test
  void givenExactlyWhatItCosts_thenItIsEnough() throws ServiceException {
    SpendingLimit spending = new SpendingLimit(Optional.of(TokenAmount.of(1_000)), TOKENS);
    assertEquals(TokenAmount.of(1_000), spending.budget(TERMS, TEN_MIB, TEN_MIB));
  }

  @Test
  void givenDeals_thenWhatTheyCostIsAddedUp() {
    SpendingLimit spending = new SpendingLimit(Optional.empty(), TOKENS);
    spending.spend(TokenAmount.of(600), 3);
    spending.spend(TokenAmount.of(50), 4);

    assertEquals(TokenAmount.of(650), spending.spent());
    assertEquals(7, spending.vouchers());
  }

  /** A parked deal that its provider does not go on with: the rest costs what it costs. */
  @Test
  void givenADealOfAnEarlierCommand_thenWhatItHadPaidCountsAgainstTheUsersLimitOnly()
      throws ServiceException {
    SpendingLimit quoted = new SpendingLimit(Optional.empty(), TOKENS);
    SpendingLimit named = new SpendingLimit(Optional.of(TokenAmount.of(1_000)), TOKENS);
    for (SpendingLimit each : List.of(quoted, named)) {
      each.goOnFrom(TokenAmount.of(600));
      assertEquals(TokenAmount.of(440), each.budget(TERMS, FOUR_MIB, FOUR_MIB), "not over yet");
      each.spend(TokenAmount.of(620), 3);
    }

    assertEquals(TokenAmount.of(420), quoted.budget(TERMS, FOUR_MIB, FOUR_MIB));
    assertEquals(
        "the rest costs 4 PLAY, of the 10 PLAY allowed 6.2 PLAY are spent",
        assertThrows(ServiceException.class, () -> named.budget(TERMS, FOUR_MIB, FOUR_MIB))
            .getMessage());
  }

  /** What was lost again costs again: within what the user named, or by a quote of its own. */
  @Test
  void givenTheOrderRunsAgain_thenWhatItCostCountsAgainstTheUsersLimitOnly()
      throws ServiceException {
    SpendingLimit quoted = new SpendingLimit(Optional.empty(), TOKENS);
    SpendingLimit named = new SpendingLimit(Optional.of(TokenAmount.of(1_600)), TOKENS);
    for (SpendingLimit each : List.of(quoted, named)) {
      each.spend(TokenAmount.of(1_000), 3);
      each.runAgain();
    }

    assertEquals(TokenAmount.of(440), quoted.budget(TERMS, FOUR_MIB, FOUR_MIB));
    assertEquals(TokenAmount.of(440), named.budget(TERMS, FOUR_MIB, FOUR_MIB));
    quoted.spend(TokenAmount.of(400), 1);
    named.spend(TokenAmount.of(400), 1);
    assertEquals(
        "the rest costs 4 PLAY, of the 4.4 PLAY allowed 4 PLAY are spent",
        assertThrows(ServiceException.class, () -> quoted.budget(TERMS, FOUR_MIB, FOUR_MIB))
            .getMessage());
    assertEquals(
        "the rest costs 4 PLAY, of the 16 PLAY allowed 14 PLAY are spent",
        assertThrows(ServiceException.class, () -> named.budget(TERMS, FOUR_MIB, FOUR_MIB))
            .getMessage());
    assertEquals(
        "it costs 10 PLAY, you allow 9.99 PLAY",
        assertThrows(
                ServiceException.class,
                () ->
                    new SpendingLimit(Optional.of(TokenAmount.of(999)), TOKENS)
                        .budget(TERMS, TEN_MIB, TEN_MIB))
            .getMessage());
  }
}
