package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One provider sells the same content on a chain for its coin and for an ERC-20 token, of which its
 * configuration has nothing but the address. Two clients buy it, each with one of these; in the end
 * books, ledger and chain say the same of both.
 */
@Tag("long")
@Timeout(value = 5 * 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TwoTokensOnAChainTest {
  private static final int BYTES = 150_000;
  private static final String COIN = "0x" + "0".repeat(40);
  private static final BigInteger TEN_WHOLE = BigInteger.valueOf(10_000_000);

  @TempDir Path folder;

  @Test
  void givenAPriceInEach_whenTwoClientsBuy_thenBooksLedgerAndChainAgreeInBoth() throws Exception {
    try (OwnChain chain = OwnChain.start()) {
      String token = chain.newToken();
      try (ChainMarket market =
          new ChainMarket(folder, chain, Map.of("SLUICE_LEDGER_TOKEN", "native," + token))) {
        TestShell dollars =
            market
                .client
                .with("SLUICE_HOME", folder.resolve("dollars").toString())
                .with("SLUICE_LEDGER_TOKEN", token);
        dollars.ok("init");
        String payer = dollars.ok("id", "--json").json().get("paymentAddress").asText();
        chain.give(payer, ChainMarket.FUNDS); // for gas
        chain.giveToken(token, payer, TEN_WHOLE);
        market.provider.ok("ask", "set", "--price-per-gib", "2048TST", "--interval", "64KiB");
        String cid = market.offer(BYTES);
        market.startProvider("");

        market.buy(cid);
        String tooDear =
            String.valueOf(
                dollars
                    .run(
                        "retrieve",
                        cid,
                        "--provider",
                        market.address,
                        "-o",
                        "-",
                        "--max-total",
                        "1")
                    .err());
        dollars.ok("retrieve", cid, "--provider", market.address, "-o", "-", "--max-total", "1TST");

        assertTrue(tooDear.contains(" TST, you allow 0.000001 TST"), tooDear);
        BigInteger coins = sum(market.client, COIN, "spent");
        BigInteger units = sum(dollars, token, "spent");
        assertTrue(coins.signum() > 0 && units.signum() > 0);
        ChainMarket.until(
            "all is known to be paid", () -> sum(market.provider, token, "earned").equals(units));
        assertEquals(coins, sum(market.provider, COIN, "earned"));
        for (JsonNode channel : market.provider.ok("books", "--json").json().get("channels")) {
          market.provider.ok("channels", "close", channel.get("id").asText());
        }

        assertBooks(market.provider, chain, COIN, coins, "earned");
        assertBooks(market.provider, chain, token, units, "earned");
        assertBooks(market.client, chain, COIN, coins, "spent");
        assertBooks(dollars, chain, token, units, "spent");
        assertEquals(coins, chain.credit(market.seller));
        assertEquals(units, chain.credit(token, market.seller));
        assertOwned(market.provider, COIN, "credit", coins);
        assertOwned(market.provider, token, "credit", units);
        market.provider.ok("channels", "withdraw");
        market.client.ok("channels", "withdraw");
        dollars.ok("channels", "withdraw");
        market.assertClearedBy(coins);
        assertEquals(units, chain.balance(token, market.seller));
        assertEquals(TEN_WHOLE.subtract(units), chain.balance(token, payer));
        assertEquals(BigInteger.ZERO, chain.balance(token, chain.contract()));
        assertOwned(market.provider, token, "balance", units);
      }
    }
  }

  private static JsonNode of(JsonNode all, String token) {
    for (JsonNode each : all) {
      if (each.get("token").asText().equals(token)) {
        return each;
      }
    }
    throw new AssertionError("nothing of " + token + " in " + all);
  }

  private static BigInteger sum(TestShell shell, String token, String name) {
    JsonNode sums = shell.ok("books", "--json").json().get("sums");
    return ChainMarket.amount(of(sums, token), name);
  }

  private static void assertOwned(TestShell shell, String token, String name, BigInteger amount) {
    JsonNode owned = shell.ok("wallet", "ls", "--json").json().at("/items/0/owned");
    assertEquals(amount, ChainMarket.amount(of(owned, token), name), owned::toString);
  }

  /** Of one token: its sum, its one channel, and what the chain has of that. */
  private static void assertBooks(
      TestShell shell, OwnChain chain, String token, BigInteger amount, String name)
      throws Exception {
    JsonNode books = shell.ok("books", "--json").json();
    assertTrue(books.get("sound").asBoolean(), books::toString);
    assertEquals(amount, ChainMarket.amount(of(books.get("sums"), token), name));
    JsonNode channel = of(books.get("channels"), token);
    assertEquals(amount, ChainMarket.amount(channel, "vouchered"), channel::toString);
    assertEquals(amount, chain.channel(channel.get("id").asText()).redeemed());
    assertEquals(amount, ChainMarket.amount(channel, "redeemed"), channel::toString);
    assertEquals("closed", channel.get("state").asText());
  }
}
