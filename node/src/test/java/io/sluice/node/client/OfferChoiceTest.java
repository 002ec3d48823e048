package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.node.api.ServiceException;
import io.sluice.node.client.Retrieval.RetrievalOrder;
import io.sluice.payments.token.Amounts;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Availability;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which of a provider's offers is taken, and what is said where none is. */
class OfferChoiceTest {
  private static final PeerId PROVIDER =
      PeerId.parse("12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN");
  private static final Cid ROOT =
      Cid.parse("bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq");
  private static final EvmAddress COIN = EvmAddress.ZERO;
  private static final EvmAddress GOLD = address(2);
  private static final EvmAddress LEAD = address(3);
  private static final EvmAddress CONTRACT = address(9);
  private static final Tokens TOKENS =
      new Tokens(
          new Token("PLAY", COIN, 0),
          List.of(new Token("GOLD", GOLD, 0), new Token("LEAD", LEAD, 0)),
          List.of(COIN, GOLD));
  private static final Optional<Long> TWO_MIB = Optional.of(2 * Terms.MIB);

  /** What there is money of. */
  private static final Set<EvmAddress> RICH = Set.of(COIN, GOLD, LEAD);

  private static final Set<EvmAddress> POOR = Set.of();

  private static EvmAddress address(int last) {
    return EvmAddress.parse("0x%040x".formatted(last));
  }

  private static Offer offer(EvmAddress token, long price) {
    return offer(token, price, 0);
  }

  private static Offer offer(EvmAddress token, long price, long minDeposit) {
    return new Offer(
        Terms.atPrice(TokenAmount.of(price)),
        new Payee(
            7,
            CONTRACT,
            token,
            address(8),
            0,
            TokenAmount.of(minDeposit),
            0,
            Optional.empty(),
            Optional.empty()));
  }

  private static QuotedPrice quote(Offer... offers) {
    return new QuotedPrice(Availability.AVAILABLE, TWO_MIB, List.of(offers), "");
  }

  /** An order that says nothing of money but these prices, and the one token. */
  private static RetrievalOrder order(Amounts maxPrices, Optional<EvmAddress> token) {
    return new RetrievalOrder(
        ROOT, Selectors.matchPoint().node(), List.of(), maxPrices, Optional.empty(), token, TOKENS);
  }

  private static Amounts most(EvmAddress token, long price) {
    return Amounts.of(token, TokenAmount.of(price));
  }

  private static OfferChoice choice(
      Amounts maxPrices,
      Optional<EvmAddress> token,
      Optional<EvmAddress> spentIn,
      Set<EvmAddress> moneyOf) {
    return choice(maxPrices, token, spentIn, (payee, amount) -> moneyOf.contains(payee.token()));
  }

  private static OfferChoice choice(
      Amounts maxPrices,
      Optional<EvmAddress> token,
      Optional<EvmAddress> spentIn,
      BiPredicate<Payee, TokenAmount> affordable) {
    return new OfferChoice(
        order(maxPrices, token), spentIn, payee -> TOKENS.accepts(payee.token()), affordable);
  }

  private static OfferChoice unlimited() {
    return choice(Amounts.NONE, Optional.empty(), Optional.empty(), RICH);
  }

  static Stream<Arguments> taken() {
    Offer coin = offer(COIN, 5);
    Offer gold = offer(GOLD, 3);
    Offer lead = offer(LEAD, 1);
    Offer free = offer(GOLD, 0);
    Optional<EvmAddress> any = Optional.empty();
    Amounts both = new Amounts(Map.of(COIN, TokenAmount.of(4), GOLD, TokenAmount.of(3)));
    Set<EvmAddress> onlyGold = Set.of(GOLD);
    return Stream.of(
        Arguments.of("the only one", Amounts.NONE, any, any, RICH, List.of(coin), coin),
        Arguments.of("provider's first", Amounts.NONE, any, any, RICH, List.of(coin, gold), coin),
        Arguments.of("first payable", Amounts.NONE, any, any, RICH, List.of(lead, gold), gold),
        Arguments.of(
            "asked token", Amounts.NONE, Optional.of(GOLD), any, RICH, List.of(coin, gold), gold),
        Arguments.of(
            "spent token", Amounts.NONE, any, Optional.of(GOLD), RICH, List.of(coin, gold), gold),
        Arguments.of("token of a limit", most(GOLD, 3), any, any, RICH, List.of(coin, gold), gold),
        Arguments.of("first not too dear", both, any, any, RICH, List.of(coin, gold), gold),
        Arguments.of("just the limit", most(COIN, 5), any, any, RICH, List.of(coin), coin),
        Arguments.of(
            "first affordable", Amounts.NONE, any, any, onlyGold, List.of(coin, gold), gold),
        Arguments.of("none affordable", Amounts.NONE, any, any, POOR, List.of(gold, coin), gold),
        Arguments.of("only one, no money", Amounts.NONE, any, any, POOR, List.of(gold), gold),
        Arguments.of("a free one", most(GOLD, 0), any, any, RICH, List.of(coin, free), free));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("taken")
  void givenOffers_thenTheBestThatMayBeTaken(
      String name,
      Amounts maxPrices,
      Optional<EvmAddress> token,
      Optional<EvmAddress> spentIn,
      Set<EvmAddress> moneyOf,
      List<Offer> offers,
      Offer taken)
      throws ServiceException {
    QuotedPrice quote = new QuotedPrice(Availability.AVAILABLE, TWO_MIB, offers, "as quoted");

    QuotedPrice chosen = choice(maxPrices, token, spentIn, moneyOf).choose(PROVIDER, quote);

    assertEquals(
        new QuotedPrice(Availability.AVAILABLE, TWO_MIB, List.of(taken), "as quoted"), chosen);
  }

  static Stream<Arguments> refused() {
    Optional<EvmAddress> any = Optional.empty();
    String coinWay = "PLAY on chain 7, contract " + CONTRACT;
    String goldWay = "GOLD on chain 7, contract " + CONTRACT;
    String leadWay = "LEAD on chain 7, contract " + CONTRACT;
    return Stream.of(
        Arguments.of(
            Amounts.NONE,
            any,
            any,
            List.of(offer(LEAD, 1), offer(LEAD, 2)),
            DealCode.NO_COMMON_PAYMENT,
            PROVIDER
                + " cannot be paid from here, where channels pay in "
                + TOKENS.acceptedNames()
                + "; it takes "
                + leadWay),
        Arguments.of(
            most(GOLD, 9),
            any,
            any,
            List.of(offer(COIN, 1), offer(LEAD, 1)),
            DealCode.NO_COMMON_PAYMENT,
            PROVIDER + " takes " + coinWay + "; " + leadWay + ", but the limits here are of GOLD"),
        Arguments.of(
            Amounts.NONE,
            Optional.of(COIN),
            any,
            List.of(offer(GOLD, 1)),
            DealCode.NO_COMMON_PAYMENT,
            PROVIDER + " takes " + goldWay + ", but the limits here are of PLAY"),
        Arguments.of(
            Amounts.NONE,
            any,
            Optional.of(COIN),
            List.of(offer(GOLD, 1)),
            DealCode.NO_COMMON_PAYMENT,
            PROVIDER + " takes " + goldWay + ", but the limits here are of PLAY"),
        Arguments.of(
            most(GOLD, 2),
            any,
            any,
            List.of(offer(COIN, 1), offer(GOLD, 3)),
            DealCode.PRICE_TOO_HIGH,
            "the price is 3 GOLD per MiB, you allow 2 GOLD"));
  }

  @ParameterizedTest(name = "{5}")
  @MethodSource("refused")
  void givenNoOfferThatMayBeTaken_thenTheReason(
      Amounts maxPrices,
      Optional<EvmAddress> token,
      Optional<EvmAddress> spentIn,
      List<Offer> offers,
      DealCode code,
      String reason) {
    QuotedPrice quote = new QuotedPrice(Availability.AVAILABLE, TWO_MIB, offers, "");
    OfferChoice choice = choice(maxPrices, token, spentIn, RICH);

    ServiceException refusal =
        assertThrows(ServiceException.class, () -> choice.choose(PROVIDER, quote));

    assertEquals(code, refusal.code());
    assertEquals(reason, refusal.reason());
  }

  @Test
  void givenFree_thenAsItIs_whateverItWouldBePaidIn() throws ServiceException {
    QuotedPrice noOffers = quote();
    QuotedPrice freeOffers = quote(offer(LEAD, 0), offer(COIN, 0));
    OfferChoice limited = choice(most(GOLD, 1), Optional.empty(), Optional.empty(), POOR);

    assertEquals(noOffers, limited.choose(PROVIDER, noOffers));
    assertEquals(freeOffers, limited.choose(PROVIDER, freeOffers));
  }

  @Test
  void givenOneOfferLeft_thenTheLedgerIsNotAsked() throws ServiceException {
    List<TokenAmount> asked = new ArrayList<>();
    OfferChoice choice =
        choice(
            most(GOLD, 3),
            Optional.empty(),
            Optional.empty(),
            (payee, amount) -> asked.add(amount));

    var unused = choice.choose(PROVIDER, quote(offer(COIN, 5), offer(GOLD, 3)));

    assertEquals(List.of(), asked);
  }

  @Test
  void givenSeveral_thenThereHasToBeMoneyForAllOfIt_orForTheLeastDeposit() throws ServiceException {
    List<TokenAmount> asked = new ArrayList<>();
    OfferChoice choice =
        choice(
            Amounts.NONE,
            Optional.empty(),
            Optional.empty(),
            (payee, amount) -> !asked.add(amount)); // which is never so

    var first = choice.choose(PROVIDER, quote(offer(COIN, 5), offer(GOLD, 3, 100)));
    var second =
        choice.choose(
            PROVIDER,
            new QuotedPrice(
                Availability.AVAILABLE,
                Optional.empty(),
                List.of(offer(COIN, 5), offer(GOLD, 3)),
                ""));

    assertEquals(
        List.of(TokenAmount.of(10), TokenAmount.of(100), TokenAmount.of(1), TokenAmount.of(1)),
        asked);
    assertEquals(List.of(offer(COIN, 5)), first.offers());
    assertEquals(List.of(offer(COIN, 5)), second.offers());
  }

  static Stream<Arguments> notThere() {
    return Stream.of(
        Arguments.of(
            Availability.UNAVAILABLE, "", DealCode.NOT_FOUND, PROVIDER + " does not offer " + ROOT),
        Arguments.of(Availability.UNAVAILABLE, "not here", DealCode.NOT_FOUND, "not here"),
        Arguments.of(
            Availability.UNAVAILABLE, "DAMAGED: a block", DealCode.DAMAGED, "DAMAGED: a block"),
        Arguments.of(Availability.ERROR, "too busy", DealCode.REFUSED, "too busy"));
  }

  @ParameterizedTest
  @MethodSource("notThere")
  void givenNothingToBuy_thenWhatTheProviderSays(
      Availability status, String message, DealCode code, String reason) {
    QuotedPrice quote = new QuotedPrice(status, Optional.empty(), List.of(), message);

    ServiceException refusal =
        assertThrows(ServiceException.class, () -> unlimited().choose(PROVIDER, quote));

    assertEquals(code, refusal.code());
    assertEquals(reason, refusal.reason());
  }
}
