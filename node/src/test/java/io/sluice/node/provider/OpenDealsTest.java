package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Deals that wait for money, thousands of them, and what they hold on to meanwhile. */
@Tag("long")
@Timeout(300)
class OpenDealsTest {
  private static final int CLIENTS = 160;
  private static final int EACH = 32; // what a peer of ours asks for at once
  private static final int DEALS = CLIENTS * EACH;

  @TempDir Path folder;

  @Test
  void fiveThousandDealsWaitForMoneyInAGibibyteAndAreThenPaid() throws Exception {
    ProviderLimits limits =
        ProviderLimits.DEFAULT
            .with(new ProviderLimits.PeerRates(EACH, EACH, EACH))
            .with(new ProviderLimits.DealCounts(EACH, DEALS));
    try (Market market = new Market(folder, limits, TokenAmount.ZERO)) {
      market.price(market.dag.root(), Market.TERMS);
      long before = heap();
      List<Client.Deal> open = new ArrayList<>(DEALS);
      for (int number = 0; number < CLIENTS; number++) {
        List<Client.Deal> deals = propose(market.client("client-" + number));
        // One client after the other: of thousands of proposals at once some are told BUSY.
        deals.forEach(Client.Deal::awaitClosedGate);
        open.addAll(deals);
      }
      assertEquals(DEALS, market.provider.running());

      long held = heap() - before;
      System.out.printf("%d open deals hold %d KiB each, both ends%n", DEALS, held / DEALS / 1024);
      // Both ends and the test's own books are in there, so a provider alone is well below.
      assertTrue(held < 1L << 30, () -> DEALS + " open deals hold " + held + " bytes");

      long whole = market.dag.bytes();
      for (Client.Deal deal : open) {
        deal.pay(1, whole);
      }
      for (Client.Deal deal : open) {
        Market.until(() -> deal.result != null, () -> "it did not go on: " + deal.heard);
        assertEquals(whole, deal.charged);
      }
      Market.until(() -> market.provider.running() == 0, () -> market.provider.running() + " run");
      assertEquals(TokenAmount.of(DEALS * whole), market.counts.earned());
    }
  }

  private static List<Client.Deal> propose(Client client) throws IOException {
    Bytes32 channel = client.channel(20_000L * EACH);
    List<Client.Deal> deals = new ArrayList<>(EACH);
    for (int number = 1; number <= EACH; number++) {
      Client.Deal deal = client.deal(number, channel, number);
      deal.into = new MemoryBlockStore();
      deals.add(deal.propose());
    }
    return deals;
  }

  private static long heap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
