package io.sluice.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A home that sells for the coin and for a token, and clients that have the one or the other. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TwoTokensTest {
  private static final int SIZE = 300_000;
  private static final String COIN = EvmAddress.ZERO.toString();
  private static final String USDC = "0x00000000000000000000000000000000000000c0";
  private static final long COIN_PRICE = 7 << 20;
  private static final long USDC_PRICE = 1 << 20;
  private static final TokenAmount FUNDS = TokenAmount.of(1_000_000_000);

  @TempDir Path folder;
  private TestNode seller;
  private NodeService selling;
  private Cid content;

  private TestNode node(String name, String tokens) throws Exception {
    return new TestNode(Files.createDirectory(folder.resolve(name)))
        .with("SLUICE_LEDGER", folder.resolve("ledger").toString())
        .with("SLUICE_TOKENS", "USDC:" + USDC + ":6")
        .with("SLUICE_LEDGER_TOKEN", tokens)
        .with("SLUICE_PAYMENTS_MINIMUM_REDEMPTION", "1000000000")
        .start();
  }

  @BeforeEach
  void sell() throws Exception {
    seller = node("seller", "native," + USDC);
    selling = seller.commands();
    content = seller.offer(SIZE, TokenAmount.of(COIN_PRICE));
    price(content, USDC, USDC_PRICE);
  }

  @AfterEach
  void close() throws Exception {
    selling.close();
    seller.close();
  }

  private void price(Cid cid, String token, long price) throws ServiceException {
    selling.setAsk(
        new Requests.PriceRequest(
            Optional.of(cid.toString()),
            Optional.of(token),
            TokenAmount.of(price),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()));
  }

  private static void give(NodeService buying, String token) throws ServiceException {
    buying.faucet(buying.id().paymentAddress(), FUNDS, Optional.of(token));
  }

  private Reports.RetrievalReport buy(
      NodeService buying, Optional<TokenAmount> maxTotal, Optional<String> token)
      throws ServiceException {
    return buying.retrieve(
        new Requests.RetrieveRequest(
            content.toString(),
            List.of(seller.address()),
            Optional.empty(),
            false,
            false,
            Optional.empty(),
            maxTotal,
            token,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            "run"),
        progress -> {});
  }

  private static Reports.SumsReport sums(NodeService of, String token) throws ServiceException {
    return of.books().sums().stream()
        .filter(sums -> sums.token().equals(token))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void eachClientPaysInTheTokenThatItHas_andTheBooksOfBothEndsAgreeInBoth() throws Exception {
    TokenAmount coins;
    TokenAmount dollars;
    try (TestNode buyer = node("coins", "native");
        NodeService buying = buyer.commands()) {
      give(buying, COIN);
      Reports.RetrievalReport bought = buy(buying, Optional.empty(), Optional.empty());
      coins = bought.totalPaid();
      assertEquals(Optional.of(COIN), bought.token());
      assertEquals(coins, sums(buying, COIN).spent());
      buyer.awaitNoDeals();
    }
    try (TestNode buyer = node("dollars", USDC);
        NodeService buying = buyer.commands()) {
      give(buying, USDC);
      Reports.RetrievalReport bought = buy(buying, Optional.empty(), Optional.empty());
      dollars = bought.totalPaid();
      assertEquals(Optional.of(USDC), bought.token());
      assertEquals(dollars, sums(buying, USDC).spent());
      assertEquals(List.of(USDC), buying.channels().stream().map(it -> it.token()).toList());
      buyer.awaitNoDeals();
    }
    seller.awaitNoDeals();

    assertTrue(coins.exceeds(TokenAmount.ZERO));
    assertEquals(dollars.value().longValueExact() * 7, coins.value().longValueExact());
    assertEquals(coins, sums(selling, COIN).earned());
    assertEquals(dollars, sums(selling, USDC).earned());
    assertTrue(selling.books().sound());
    assertEquals(
        dollars,
        selling.bookEntries(Optional.empty()).stream()
            .filter(entry -> entry.token().equals(Optional.of(USDC)))
            .map(Reports.BookEntryReport::amount)
            .reduce(TokenAmount.ZERO, TokenAmount::plus));
    assertMetric("sluice_earned_total{token=\"" + COIN + "\"}", coins);
    assertMetric("sluice_earned_total{token=\"" + USDC + "\"}", dollars);

    assertEquals(2, selling.redeem(Optional.empty()).size());
    List<Reports.OwnedReport> owned = selling.keys().getFirst().owned();
    assertEquals(List.of(COIN, USDC), owned.stream().map(it -> it.token()).toList());
    assertEquals(List.of(coins, dollars), owned.stream().map(it -> it.credit()).toList());
    ServiceException tooMuch =
        assertThrows(
            ServiceException.class, () -> selling.withdraw(Optional.of(coins), Optional.of(USDC)));
    assertEquals(DealCode.INSUFFICIENT_FUNDS, tooMuch.code());
    assertEquals(
        List.of(coins, dollars),
        selling.withdraw(Optional.empty(), Optional.empty()).stream()
            .map(Reports.LedgerActionReport::amount)
            .toList());
    assertEquals(
        List.of(coins, dollars),
        selling.keys().getFirst().owned().stream().map(it -> it.balance()).toList());
  }

  private void assertMetric(String name, TokenAmount value) throws Exception {
    String line = name + " " + value.value().doubleValue();
    String metrics = seller.metrics();
    assertTrue(metrics.lines().anyMatch(line::equals), metrics);
  }

  /** The seller prefers the coin, of which there is none. */
  @Test
  void givenTwoTokens_whenThereIsMoneyOfOneOnly_thenThatIsPaid() throws Exception {
    try (TestNode buyer = node("both", "native," + USDC);
        NodeService buying = buyer.commands()) {
      give(buying, USDC);

      assertEquals(Optional.of(USDC), buy(buying, Optional.empty(), Optional.empty()).token());
    }
  }

  @Test
  void givenTwoTokensAndMoneyOfBoth_thenTheProvidersOrderOrTheLimitDecides() throws Exception {
    try (TestNode buyer = node("both", USDC + ",native");
        NodeService buying = buyer.commands()) {
      give(buying, USDC);
      give(buying, COIN);
      TokenAmount much = TokenAmount.of(USDC_PRICE);

      assertEquals(Optional.of(USDC), buy(buying, Optional.of(much), Optional.of(USDC)).token());
      buying.removeContent(content.toString());
      buying.collectGarbage();
      assertEquals(Optional.of(COIN), buy(buying, Optional.empty(), Optional.empty()).token());
    }
  }

  @Test
  void givenALimitOfAnotherTokenThanIsOffered_thenNothingIsBought() throws Exception {
    selling.removeAsk(Optional.of(content.toString()), Optional.of(USDC));
    try (TestNode buyer = node("both", "native," + USDC);
        NodeService buying = buyer.commands()) {
      give(buying, USDC);
      give(buying, COIN);

      ServiceException refused =
          assertThrows(
              ServiceException.class, () -> buy(buying, Optional.of(FUNDS), Optional.of(USDC)));

      assertEquals(DealCode.NO_COMMON_PAYMENT, refused.code());
      assertTrue(refused.reason().contains("takes PLAY"), refused::reason);
      assertTrue(refused.reason().contains("limits here are of USDC"), refused::reason);
      assertEquals(List.of(), buying.channels());
    }
  }

  @Test
  void givenAClientWithoutAnyOfTheTokens_thenItHearsWhatIsTaken() throws Exception {
    selling.removeAsk(Optional.of(content.toString()), Optional.of(COIN));
    try (TestNode buyer = node("coins", "native");
        NodeService buying = buyer.commands()) {
      give(buying, COIN);

      ServiceException refused =
          assertThrows(
              ServiceException.class, () -> buy(buying, Optional.empty(), Optional.empty()));

      assertEquals(DealCode.NO_COMMON_PAYMENT, refused.code());
      assertTrue(refused.reason().contains("it takes USDC on chain"), refused::reason);
    }
  }

  @Test
  void pricesAreShownInTheOrderOfTheConfiguration_andOutliveARestart() throws Exception {
    seller.startAgain();
    try (NodeService again = seller.commands();
        TestNode buyer = node("coins", "native");
        NodeService buying = buyer.commands()) {
      assertEquals(
          List.of(COIN + " " + COIN_PRICE, USDC + " " + USDC_PRICE),
          again.asks().stream()
              .map(ask -> ask.token().orElseThrow() + " " + ask.pricePerMiB())
              .toList());
      Reports.QuoteReport quote =
          buying.query(new Requests.QueryRequest(content.toString(), seller.address()));
      assertEquals(
          List.of(COIN, USDC),
          quote.offers().stream().map(offer -> offer.payee().token()).collect(Collectors.toList()));
      ServiceException unknown =
          assertThrows(
              ServiceException.class,
              () ->
                  again.setAsk(
                      new Requests.PriceRequest(
                          Optional.empty(),
                          Optional.of("0x00000000000000000000000000000000000000c1"),
                          TokenAmount.of(1),
                          Optional.empty(),
                          Optional.empty(),
                          Optional.empty(),
                          Optional.empty())));
      assertEquals(ErrorCode.USAGE, unknown.code());
    }
  }

  @Test
  void channelIsOpenedInTheTokenThatIsNamed() throws Exception {
    try (TestNode buyer = node("both", "native," + USDC);
        NodeService buying = buyer.commands()) {
      give(buying, USDC);
      give(buying, COIN);

      TokenAmount deposit = TokenAmount.of(500);
      assertEquals(USDC, buying.openChannel(seller.address(), deposit, Optional.of(USDC)).token());
      assertEquals(COIN, buying.openChannel(seller.address(), deposit, Optional.empty()).token());
    }
  }
}
