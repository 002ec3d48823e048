package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.cli.ChainMarket.Alive;
import io.sluice.cli.OwnChain.Happening;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A payer takes its deposit back at a moment that is bad for the provider: it gets what it has not
 * signed away, to the unit. Spec: PAYMENT CHANNELS, 9, threats 12 and 13.
 */
@Tag("long")
@Timeout(value = 10 * 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SettlingPayerTest {
  private static final Duration CHALLENGE = Duration.ofSeconds(ChainMarket.CHALLENGE_SECONDS);
  private static final int SMALL = 150_000;
  private static final int LARGE = 24 << 20;

  @TempDir Path folder;

  private ChainMarket market(OwnChain chain) throws Exception {
    return new ChainMarket(
        folder,
        chain,
        // Nothing is redeemed before the payer settles.
        Map.of("SLUICE_PAYMENTS_MINIMUM_REDEMPTION", ChainMarket.FUNDS.toString()));
  }

  @Test
  void givenProviderIsDownForNineTenthsOfTheChallenge_whenPayerSettles_thenItGainsNothing()
      throws Exception {
    try (OwnChain chain = OwnChain.start();
        ChainMarket market = market(chain)) {
      Alive down = market.startProvider("");
      market.trade(SMALL);
      market.trade(SMALL);
      String channel = market.newestChannel();
      BigInteger deposit = chain.channel(channel).deposit();
      BigInteger vouchers = market.spent();
      down.kill();

      market.client.ok("channels", "settle", channel);
      chain.advance(CHALLENGE.multipliedBy(9).dividedBy(10));
      assertEquals(0, market.count(Happening.REDEEMED));
      market.startProvider("");
      ChainMarket.until("redeemed", () -> chain.channel(channel).redeemed().equals(vouchers));
      market.awaitAgreed();
      chain.advance(CHALLENGE.dividedBy(10));
      market.client.ok("channels", "collect", channel);

      assertEquals(vouchers, chain.credit(market.seller));
      assertEquals(deposit.subtract(vouchers), chain.credit(market.buyer));
      cashOut(market, vouchers);
    }
  }

  @Test
  void givenDealIsUnderWay_whenPayerSettles_thenItGainsNothing() throws Exception {
    try (OwnChain chain = OwnChain.start();
        ChainMarket market = market(chain)) {
      market.provider.ok(
          "ask",
          "set",
          "--price-per-mib",
          ChainMarket.PRICE.toString(),
          "--interval",
          "64KiB",
          "--interval-increase",
          "0",
          "--interval-max",
          "64KiB");
      String cid = market.offer(LARGE);
      long size = market.provider.ok("stat", cid, "--json").json().get("size").asLong();
      market.startProvider("");
      Alive buying = market.start(market.client, "", market.purchase(cid));
      BigInteger some = ChainMarket.PRICE.shiftRight(1);
      ChainMarket.until("half a MiB is paid", () -> market.earned().compareTo(some) > 0);
      String channel =
          market.provider.ok("channels", "ls", "--json").json().at("/items/0/id").asText();

      chain.callAs(market.buyer, "settle(bytes32)", OwnChain.bare(channel));

      assertTrue(market.earned().compareTo(price(size)) < 0, "in the middle of a deal");
      ChainMarket.until(
          "the provider redeems", () -> chain.channel(channel).redeemed().signum() > 0);
      assertTrue(buying.process().waitFor(2, TimeUnit.MINUTES));
      market.awaitAgreed();
      BigInteger first = chain.channel(channel).redeemed();
      assertEquals(market.earned(), first, "all that was vouchered");
      assertPaidForAllItGot(market);

      // The rest is to be had for the rest of the price, on another channel.
      assertEquals(0, market.tryToBuy(cid).exit());
      market.awaitAgreed();
      assertEquals(size, assertPaidForAllItGot(market));
      market.provider.ok("channels", "close", market.newestChannel());
      chain.advance(CHALLENGE);
      market.client.ok("channels", "collect", channel);
      assertEquals(2, market.count(Happening.CLOSED));
      cashOut(market, market.spent());
    }
  }

  /** The bytes of all deals; each of them was paid for, at both ends, to the unit. */
  private static long assertPaidForAllItGot(ChainMarket market) throws Exception {
    // Where a channel ends, a voucher counts once it is redeemed, and then the deal is told.
    ChainMarket.until("nothing is owed", () -> market.owed().signum() == 0);
    long bytes = 0;
    for (TestShell shell : List.of(market.client, market.provider)) {
      BigInteger paid = BigInteger.ZERO;
      bytes = 0;
      for (JsonNode deal : shell.ok("deals", "ls", "--json").json().get("items")) {
        BigInteger price = price(deal.get("charged").asLong());
        assertEquals(price, ChainMarket.amount(deal, "paid"), deal::toString);
        assertEquals(BigInteger.ZERO, ChainMarket.amount(deal, "owed"), deal::toString);
        bytes += deal.get("charged").asLong();
        paid = paid.add(price);
      }
      assertEquals(paid, market.earned());
    }
    return bytes;
  }

  private static BigInteger price(long bytes) {
    return BigInteger.valueOf(bytes)
        .multiply(ChainMarket.PRICE)
        .add(BigInteger.valueOf((1 << 20) - 1))
        .shiftRight(20);
  }

  private static void cashOut(ChainMarket market, BigInteger vouchers) throws Exception {
    market.client.ok("channels", "withdraw");
    market.provider.ok("channels", "withdraw");
    market.awaitAgreed();
    market.assertClearedBy(vouchers);
  }
}
