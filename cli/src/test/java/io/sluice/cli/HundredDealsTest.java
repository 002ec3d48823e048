package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.cli.OwnChain.Done;
import io.sluice.cli.OwnChain.Entry;
import io.sluice.cli.OwnChain.Happening;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A provider process and a client process trade a hundred times over one channel on a chain, from
 * its opening until both have their money out; at each step books, ledger and chain say the same.
 */
@Tag("long")
@Timeout(value = 15 * 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HundredDealsTest {
  private static final int BATCHES = 5;
  private static final int ROUNDS_PER_BATCH = 4;
  private static final int AT_ONCE = 5;
  private static final int BYTES = 30_000;
  private static final BigInteger DEPOSIT = BigInteger.TEN.pow(18);

  @TempDir Path folder;

  @Test
  void givenHundredDeals_whenBothHaveWithdrawn_thenBalancesMovedByVouchersAndGasAlone()
      throws Exception {
    try (OwnChain chain = OwnChain.start();
        ChainMarket market =
            new ChainMarket(
                folder,
                chain,
                // By hand, or when a payer settles: so that each batch is the test's.
                Map.of("SLUICE_PAYMENTS_MINIMUM_REDEMPTION", ChainMarket.FUNDS.toString()))) {
      market.startProvider("");
      market.startNode(market.client, "", ChainMarket.ANYWHERE);
      market.client.ok(
          "channels", "open", "--provider", market.address, "--deposit", DEPOSIT.toString());
      String channel = market.newestChannel();

      for (int batch = 1; batch <= BATCHES; batch++) {
        tradeABatch(market);
        market.awaitAgreed();
        if (batch < BATCHES) {
          market.provider.ok("channels", "redeem");
          assertEquals(market.earned(), chain.channel(channel).redeemed(), "all of it at once");
          market.awaitAgreed();
        }
      }
      BigInteger vouchers = market.spent();
      market.client.ok("channels", "settle", channel);
      ChainMarket.until("the rest", () -> chain.channel(channel).redeemed().equals(vouchers));
      market.awaitAgreed();
      chain.advance(Duration.ofSeconds(ChainMarket.CHALLENGE_SECONDS + 1));
      ChainMarket.until("collected", () -> market.count(Happening.CLOSED) == 1);
      market.awaitAgreed();
      assertEquals(vouchers, chain.credit(market.seller));
      assertEquals(DEPOSIT.subtract(vouchers), chain.credit(market.buyer));
      market.client.ok("channels", "withdraw");
      market.provider.ok("channels", "withdraw");
      market.awaitAgreed();

      market.assertClearedBy(vouchers);
      assertEquals(1, market.count(Happening.OPENED));
      Map<String, List<Entry>> redemptions =
          chain.all(Happening.REDEEMED).stream().collect(Collectors.groupingBy(Entry::transaction));
      assertEquals(BATCHES, redemptions.size(), redemptions::toString);
      assertTrue(
          redemptions.values().stream().allMatch(lanes -> lanes.size() > 1), "several lanes each");
      assertFalse(chain.transactions().stream().anyMatch(done -> !done.succeeded()));
      assertEquals(BATCHES + 1, sentBy(market.seller, chain).size(), "redemptions, a withdrawal");
      assertEquals(4, sentBy(market.buyer, chain).size(), "open, settle, collect, withdraw");
    }
  }

  private static List<Done> sentBy(String account, OwnChain chain) throws Exception {
    return chain.transactions().stream().filter(done -> done.from().equals(account)).toList();
  }

  private static void tradeABatch(ChainMarket market) throws Exception {
    try (ExecutorService buyers = Executors.newFixedThreadPool(AT_ONCE)) {
      for (int round = 0; round < ROUNDS_PER_BATCH; round++) {
        List<CompletableFuture<TestShell.Ran>> deals = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
          String cid = market.offer(BYTES);
          deals.add(CompletableFuture.supplyAsync(() -> market.tryToBuy(cid), buyers));
        }
        for (CompletableFuture<TestShell.Ran> deal : deals) {
          assertEquals(0, deal.join().exit(), () -> deal.join().err().toString());
        }
      }
    }
  }
}
