package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many deals at once, with messages that overtake each other and connections that break by seed.
 */
@Timeout(180)
class ManyDealsTest {

  private static final int CLIENTS = 16;

  @TempDir Path folder;

  @Test
  void everyDealIsPaidToTheUnit() throws Exception {
    long seed = Long.getLong("sluice.seed", System.nanoTime());
    System.out.println("sluice.seed = " + seed);
    try (Market market = new Market(folder);
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      market.price(market.dag.root(), Market.TERMS);
      market.network.jitter(seed, Duration.ofMillis(5));
      List<Client> all = new ArrayList<>();
      List<Future<?>> running = new ArrayList<>();
      for (int number = 0; number < CLIENTS; number++) {
        Client client = market.client("client-" + number);
        all.add(client);
        Random random = new Random(seed + number);
        running.add(clients.submit(() -> buy(market, client, random)));
      }
      for (Future<?> done : running) {
        done.get(150, TimeUnit.SECONDS);
      }

      TokenAmount each = TokenAmount.of(market.dag.bytes());
      for (Client client : all) {
        ProviderDeal deal = market.awaitDeal(client, 1, "COMPLETED");
        assertEquals(each, deal.credit());
        assertEquals(market.dag.bytes(), deal.charged());
      }
      market.payments.payee().books().forEach(book -> assertEquals(each, book.vouchered()));
      Market.until(() -> market.provider.running() == 0, () -> market.provider.running() + " run");
      assertEquals(TokenAmount.of(CLIENTS * market.dag.bytes()), market.counts.earned());
    }
  }

  /** Pays for all that has come, at odd moments; the connection breaks twice on the way. */
  private static void buy(Market market, Client client, Random random) {
    Client.Deal deal;
    try {
      Bytes32 channel = client.channel(20_000);
      deal = client.deal(1, channel, random.nextInt(100)).propose();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    long paid = 0;
    long nonce = 1;
    int cuts = 2;
    while (deal.result == null || deal.charged > paid) {
      long before = paid;
      Market.until(
          () -> deal.result != null || deal.charged > before, () -> "stuck: " + deal.heard);
      if (deal.charged > paid) {
        paid = deal.charged;
        deal.pay(nonce++, paid);
      }
      boolean broken = deal.result != null && !deal.result.walked();
      if (broken || (cuts > 0 && deal.result == null && random.nextInt(4) == 0)) {
        cuts--;
        market.network.cut(market.host, client.host);
        Market.until(() -> deal.result != null, () -> "not noticed");
        assertTrue(cuts > -20, "too many breaks");
        if (!deal.result.walked()) {
          // The last voucher may have been on its way when the connection broke: it goes again.
          paid = deal.charged;
          deal.pay(nonce++, paid);
          deal.restart(deal.visits);
        }
      }
    }
    // The provider may have missed the end: it is told once more, as a client's outbox does.
    deal.pay(nonce, paid);
  }
}
