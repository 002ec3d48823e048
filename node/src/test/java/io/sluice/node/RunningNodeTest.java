package io.sluice.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.http.AdminFile;
import io.sluice.protocol.graphsync.RequestOutcome;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealStatus;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a node does while it runs, as a peer and an operator see it. */
@Timeout(120)
class RunningNodeTest {
  private static final Cid ELSEWHERE =
      Cid.parse("bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy");
  private static final long PATIENCE = 30;
  private static final int MORE_THAN_A_BLOCK = 300_000;
  private static final String NOTHING_BUT_THE_ROOT = "{\".\":{}}";
  private static final int MORE_THAN_FITS_ON_THE_WAY = 96 << 20;

  @TempDir Path folder;

  @Test
  void givenARefusal_whenMetricsAreRead_thenItIsCountedByReason() throws Exception {
    try (TestNode node = new TestNode(folder).start();
        Stranger stranger = new Stranger()) {
      assertEquals(
          DealStatus.DEAL_NOT_FOUND.code(),
          stranger
              .propose(node.address(), 1, ELSEWHERE, () -> {})
              .answer
              .get(PATIENCE, TimeUnit.SECONDS)
              .statusCode());

      String text = node.metrics();

      assertTrue(
          text.contains("sluice_refusals_total{reason=\"NOT_FOUND\",role=\"provider\"} 1.0"), text);
    }
  }

  @Test
  void givenARetrieval_whenItIsOver_thenItsClientCountsIt() throws Exception {
    try (TestNode seller = new TestNode(folder.resolve("seller")).start();
        TestNode buyer = new TestNode(folder.resolve("buyer")).start();
        NodeService commands = buyer.commands()) {
      Cid content = seller.give(3_000);

      commands.retrieve(free(content, seller.address()), progress -> {});

      String text = buyer.metrics();
      assertTrue(
          text.contains("sluice_deals_started_total{paid=\"false\",role=\"client\"} 1.0"), text);
      assertTrue(
          text.contains("sluice_deals_ended_total{role=\"client\",state=\"completed\"} 1.0"), text);
      assertTrue(text.contains("sluice_received_bytes_total 3000.0"), text);
    }
  }

  private static Requests.RetrieveRequest free(Cid content, String provider) {
    return free(content, provider, Optional.empty());
  }

  private static Requests.RetrieveRequest free(
      Cid content, String provider, Optional<String> selector) {
    return new Requests.RetrieveRequest(
        content.toString(),
        List.of(provider),
        Optional.empty(),
        false,
        false,
        Optional.empty(),
        Optional.empty(),
        selector,
        content.toString());
  }

  @Test
  void givenTheRootWasBought_whenTheRestIsToo_thenAllOfItIsListed() throws Exception {
    try (TestNode seller = new TestNode(folder.resolve("seller")).start();
        TestNode buyer = new TestNode(folder.resolve("buyer")).start();
        NodeService commands = buyer.commands()) {
      Cid content = seller.give(MORE_THAN_A_BLOCK);

      commands.retrieve(
          free(content, seller.address(), Optional.of(NOTHING_BUT_THE_ROOT)), progress -> {});
      Reports.ContentReport part = commands.contents().getFirst();
      commands.retrieve(free(content, seller.address()), progress -> {});
      Reports.ContentReport all = commands.contents().getFirst();

      assertEquals(1, part.blocks());
      assertFalse(part.complete());
      assertEquals(3, all.blocks());
      assertTrue(all.complete());
    }
  }

  @Test
  void givenAHomeThatBuys_whenAnotherCommandComes_thenItIsLetInUntilTheHomeIsClosed()
      throws Exception {
    try (TestNode seller = new TestNode(folder.resolve("seller")).start()) {
      TestNode buyer = new TestNode(folder.resolve("buyer"));
      Cid content = seller.give(MORE_THAN_A_BLOCK);
      CountDownLatch buying = new CountDownLatch(1);
      CountDownLatch goOn = new CountDownLatch(1);
      try (NodeService holder = LocalNodeService.of(buyer.open())) {
        CompletableFuture<Reports.RetrievalReport> bought =
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return holder.retrieve(
                        free(content, seller.address()),
                        progress -> {
                          if (progress.bytes() > 0) {
                            buying.countDown();
                            await(goOn);
                          }
                        });
                  } catch (ServiceException e) {
                    throw new AssertionError(e);
                  }
                });
        await(buying);
        while (AdminFile.read(buyer.home.run()).isEmpty()) {
          LockSupport.parkNanos(2_000_000);
        }
        try (NodeService beside = buyer.commands()) {
          assertEquals(content.toString(), beside.deals().getFirst().cid());
          assertEquals(List.of(), beside.channels());
          assertFalse(beside.status().running());
          String deal = beside.deals().getFirst().id();
          assertEquals( // that would have to join the network anew
              ErrorCode.HOME_IN_USE,
              assertThrows(ServiceException.class, () -> beside.cancelDeal(deal)).code());
        }
        assertFalse(bought.isDone());
        goOn.countDown();
        bought.get(PATIENCE, TimeUnit.SECONDS);
      }
      assertTrue(AdminFile.read(buyer.home.run()).isEmpty());
      buyer.open().close();
    }
  }

  @Test
  void givenAHomeHeldForWhatever_whenOtherCommandsCome_thenAllAreAnswered() throws Exception {
    try (TestNode seller = new TestNode(folder.resolve("seller")).start()) {
      TestNode buyer = new TestNode(folder.resolve("buyer"));
      Cid content = seller.give(MORE_THAN_A_BLOCK);
      try (NodeService holder = LocalNodeService.of(buyer.open())) {
        assertFalse(holder.status().running());
        while (AdminFile.read(buyer.home.run()).isEmpty()) {
          LockSupport.parkNanos(2_000_000);
        }
        try (NodeService beside = buyer.commands()) {
          assertEquals(List.of(), beside.contents());
          assertTrue(seller.address().endsWith(beside.ping(seller.address()).peer()));
          beside.retrieve(free(content, seller.address()), progress -> {});
          assertEquals(content.toString(), beside.contents().getFirst().cid());
        }
      }
      buyer.open().close();
    }
  }

  @Test
  void givenAFreeDeal_whenItIsOver_thenItsCourseIsCounted() throws Exception {
    try (TestNode node = new TestNode(folder).start();
        Stranger stranger = new Stranger()) {
      Cid content = node.give(3_000);

      stranger
          .propose(node.address(), 1, content, () -> {})
          .completed
          .get(PATIENCE, TimeUnit.SECONDS);

      String text = node.metrics();
      assertTrue(
          text.contains("sluice_deals_started_total{paid=\"false\",role=\"provider\"} 1.0"), text);
      assertTrue(text.contains("sluice_sent_bytes_total 3000.0"), text);
    }
  }

  @Test
  void givenATransferUnderWay_whenTheNodeIsStopped_thenItFinishesAndNoOtherBegins()
      throws Exception {
    TestNode node = new TestNode(folder).with("SLUICE_DRAIN", "2m").start();
    try (Stranger slow = new Stranger();
        Stranger late = new Stranger()) {
      String address = node.address();
      Cid content = node.give(MORE_THAN_FITS_ON_THE_WAY);
      CountDownLatch reading = new CountDownLatch(1);
      CountDownLatch first = new CountDownLatch(1);
      Stranger.Proposed running =
          slow.propose(
              address,
              1,
              content,
              () -> {
                first.countDown();
                await(reading);
              });
      await(first);

      CompletableFuture<Void> stopped = CompletableFuture.runAsync(node::close);
      long deal = 1;
      while (!refusal(late, address, deal, ELSEWHERE).message().startsWith("SHUTTING_DOWN: ")) {
        deal++;
      }
      DealResponse refusal = refusal(late, address, deal + 1, content);
      assertTrue(refusal.is(DealStatus.REJECTED), refusal::toString);
      assertTrue(refusal.message().startsWith("SHUTTING_DOWN: "), refusal.message());
      assertFalse(stopped.isDone());
      try (NodeService commands = node.commands()) {
        assertTrue(commands.status().running());
      }

      reading.countDown();
      assertEquals(RequestOutcome.COMPLETED, running.end.get(PATIENCE, TimeUnit.SECONDS).outcome());
      stopped.get(PATIENCE, TimeUnit.SECONDS);
    }
  }

  private static DealResponse refusal(Stranger client, String provider, long deal, Cid content)
      throws Exception {
    return client.propose(provider, deal, content, () -> {}).answer.get(PATIENCE, TimeUnit.SECONDS);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(PATIENCE, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
