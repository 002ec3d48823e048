package io.sluice.node;

import static io.sluice.node.pullsync.Eventually.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Running nodes that pull from each other, by the commands of their operators. */
@Timeout(120)
class NeighbourNodesTest {
  private static final TokenAmount PRICE = TokenAmount.of(7_000_000);
  private static final String PRICE_TEXT = "0.000000000007 PLAY per MiB";

  @TempDir Path folder;

  private TestNode node(String name) throws Exception {
    return new TestNode(folder.resolve(name))
        .with("SLUICE_LEDGER", folder.resolve("ledger").toString());
  }

  private static String id(TestNode node) throws ServiceException {
    return node.home.peerId().toString();
  }

  private static void grant(NodeService at, TestNode to, boolean push, boolean read)
      throws ServiceException {
    at.grant(new Requests.GrantRequest(id(to), push, read, false, Optional.empty()));
  }

  private static Requests.NeighbourRequest sync(
      String name, TestNode with, String lane, boolean both) {
    return new Requests.NeighbourRequest(
        name, with.address(), lane, both, Optional.empty(), Optional.empty());
  }

  /** Brings in a file of that many blocks, all different. */
  private String bringIn(NodeService to, String name, int blocks) throws Exception {
    byte[] content = new byte[1024 * blocks];
    new Random(name.hashCode()).nextBytes(content);
    Path file = Files.write(folder.resolve(name), content);
    return to.importContent(
            new Requests.ImportRequest(
                List.of(file.toString()), false, false, Optional.of(1024L), Optional.of(name)))
        .getFirst()
        .cid();
  }

  private static boolean lists(NodeService at, String cid) throws ServiceException {
    return at.contents().stream().anyMatch(each -> each.cid().equals(cid) && each.complete());
  }

  private static boolean inSync(NodeService at) throws ServiceException {
    return at.neighbours().stream()
        .allMatch(each -> each.state().equals("IN_SYNC") && each.behind().equals(Optional.of(0L)));
  }

  private static long fetched(NodeService at) throws ServiceException {
    return at.neighbours().stream().mapToLong(Reports.NeighbourReport::blocks).sum();
  }

  @Test
  void givenRing_thenAllEqual_nothingFetchedTwice_andWhatIsRemovedStaysRemoved() throws Exception {
    try (TestNode one = node("one").start();
        TestNode two = node("two").start();
        TestNode three = node("three").start();
        NodeService first = one.commands();
        NodeService second = two.commands();
        NodeService third = three.commands()) {
      grant(second, one, true, true);
      grant(third, two, true, true);
      grant(first, three, true, true);
      first.addNeighbour(sync("to-two", two, "everything", true));
      second.addNeighbour(sync("to-three", three, "everything", true));
      third.addNeighbour(sync("to-one", one, "*", true));
      String cid = bringIn(first, "film", 2000);
      long blocks = first.stat(cid).blocks();

      for (NodeService each : List.of(first, second, third)) {
        until(() -> lists(each, cid) && inSync(each));
      }
      assertEquals(0, fetched(first));
      assertEquals(blocks, fetched(second));
      assertEquals(blocks, fetched(third));
      assertEquals(2, third.neighbours().size());
      assertEquals(0, third.collectGarbage().freedBlocks());
      String metrics = three.metrics();
      assertTrue(metrics.contains("sluice_sync_behind{sync=\"to-one\"} 0.0"), metrics);
      assertTrue(metrics.contains("sluice_sync_blocks_total{sync=\"to-three\"}"), metrics);

      // One is away while the others let go of it.
      String kept = bringIn(second, "kept", 10);
      until(() -> lists(third, kept) && lists(first, kept) && inSync(third));
      three.stop();
      second.removeContent(cid);
      until(() -> !lists(first, cid));
      three.start();
      try (NodeService again = three.commands()) {
        until(() -> !lists(again, cid) && inSync(again) && inSync(first) && inSync(second));
        assertTrue(lists(again, kept));
        for (NodeService each : List.of(first, second)) {
          assertFalse(lists(each, cid));
        }
      }
    }
  }

  @Test
  void givenNewNode_thenFilledFromItsNeighbour_andStopsAtOnce() throws Exception {
    try (TestNode full = node("full").start();
        NodeService there = full.commands();
        TestNode fresh = node("fresh").start();
        NodeService here = fresh.commands()) {
      String cid = bringIn(there, "film", 700);
      grant(there, fresh, false, true);
      here.addNeighbour(sync("full", full, "everything", false));
      until(() -> lists(here, cid) && inSync(here));
      assertEquals(there.stat(cid).blocks(), here.neighbour("full").blocks());
      assertEquals(0, here.neighbour("full").lagSeconds());

      long began = System.nanoTime();
      fresh.stop();
      assertTrue(Duration.ofNanos(System.nanoTime() - began).compareTo(Duration.ofSeconds(5)) < 0);
      fresh.start();
      try (NodeService again = fresh.commands()) {
        until(() -> inSync(again));
        assertEquals(there.stat(cid).blocks(), again.neighbour("full").blocks());
        String more = bringIn(there, "more", 3);
        until(() -> lists(again, more));
      }
    }
  }

  @Test
  void givenQuota_thenNoMoreComesThanThat_andTheRestWhenThereIsRoom() throws Exception {
    try (TestNode full = node("full").start();
        NodeService there = full.commands();
        TestNode small = node("small").with("SLUICE_RECEIVE_QUOTA", "400KiB").start();
        NodeService here = small.commands()) {
      String first = bringIn(there, "first", 300);
      String second = bringIn(there, "second", 200);
      grant(there, small, false, true);
      here.addNeighbour(sync("full", full, "everything", false));
      until(() -> lists(here, first) && here.neighbour("full").failed() > 0);

      Reports.NeighbourReport waits = here.neighbour("full");
      assertTrue(waits.bytes() <= 400 * 1024, waits::toString);
      assertTrue(waits.reason().orElse("").contains("receive.quota"), waits::toString);
      assertFalse(lists(here, second));

      there.removeContent(first);
      until(() -> !lists(here, first));
      until(() -> lists(here, second));
    }
  }

  @Test
  void givenNeighbourThatGrantsNothing_thenSaidSo_andNothingIsGranted() throws Exception {
    try (TestNode one = node("one").start();
        TestNode two = node("two").start();
        NodeService first = one.commands();
        NodeService second = two.commands()) {
      first.addNeighbour(sync("plain", two, "everything", false));
      until(() -> first.neighbour("plain").state().equals("REFUSED"));
      assertTrue(first.neighbour("plain").reason().isPresent());

      grant(second, one, false, true);
      first.resumeNeighbour("plain"); // at once, not when its pause is over
      until(() -> inSync(first));
      first.removeNeighbour("plain");

      ServiceException refused =
          assertThrows(
              ServiceException.class,
              () -> first.addNeighbour(sync("both", two, "everything", true)));
      assertEquals(DealCode.REFUSED, refused.code());
      assertTrue(refused.getMessage().contains("grants add " + id(one) + " --push"));
      assertEquals(List.of(), first.neighbours());
      assertEquals(List.of(), first.grants());

      grant(second, one, true, true);
      first.addNeighbour(sync("both", two, "everything", true));
      until(() -> inSync(first) && second.neighbours().size() == 1 && inSync(second));
      assertEquals("both", second.neighbours().getFirst().name());
      assertEquals(id(one), second.neighbours().getFirst().peer());
    }
  }

  @Test
  void givenSyncBothWays_whenRemoved_thenNothingOfItIsLeftAtEitherEnd() throws Exception {
    try (TestNode one = node("one").start();
        TestNode two = node("two").start();
        NodeService first = one.commands();
        NodeService second = two.commands()) {
      grant(second, one, true, true);
      first.addNeighbour(sync("both", two, "everything", true));
      until(() -> second.neighbours().size() == 1 && inSync(second));

      Reports.SyncRemovalReport removed = first.removeNeighbour("both");

      assertEquals(Optional.of(true), removed.stopped());
      assertEquals(Optional.empty(), removed.left());
      assertEquals(List.of(), second.neighbours());
      assertEquals(List.of(), first.grants());

      // Reading that was granted by hand stays; so does a sync of the other's own.
      grant(first, two, false, true);
      second.addNeighbour(sync("own", one, "everything", false));
      first.addNeighbour(sync("both", two, "everything", true));
      until(() -> inSync(first));
      assertEquals(Optional.of(true), first.removeNeighbour("both").stopped());
      assertEquals("own", second.neighbours().getFirst().name());
      assertTrue(first.grants().getFirst().read());
      var unused = second.removeNeighbour("own");

      // Not to be reached: said so, with what to do.
      first.addNeighbour(sync("both", two, "everything", true));
      until(() -> second.neighbours().size() == 1);
      two.stop();
      Reports.SyncRemovalReport left = first.removeNeighbour("both");
      assertEquals(Optional.of(false), left.stopped());
      assertTrue(left.left().orElseThrow().contains("sluice sync rm both"), left::toString);
      assertEquals(List.of(), first.neighbours());
    }
  }

  @Test
  void givenNoNode_thenRecordedAllTheSame() throws Exception {
    TestNode one = node("one");
    try (TestNode two = node("two").start()) {
      try (LocalNodeService alone = LocalNodeService.of(one.open())) {
        alone.addNeighbour(sync("later", two, "everything", false));
        assertEquals("STOPPED", alone.neighbour("later").state());
        alone.pauseNeighbour("later");
        alone.addNeighbour(
            sync(
                "root", two, "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq", false));
        alone.removeNeighbour("root");
        assertEquals(
            ErrorCode.USAGE,
            assertThrows(
                    ServiceException.class,
                    () ->
                        alone.addNeighbour(
                            new Requests.NeighbourRequest(
                                "money",
                                two.address(),
                                "everything",
                                false,
                                Optional.of(PRICE),
                                Optional.of(PRICE))))
                .code());
      }
      try (TestNode running = one.start();
          NodeService commands = running.commands()) {
        assertEquals(1, commands.neighbours().size());
        assertEquals("PAUSED", commands.neighbour("later").state());
      }
    }
  }

  /**
   * What is for sale is bought once somebody says how much it may cost, and only what is missing.
   */
  @Test
  void givenRootForSale_thenBoughtWithinLimits_andNotOtherwise() throws Exception {
    try (TestNode seller = node("seller").start();
        NodeService there = seller.commands();
        TestNode buyer = node("buyer").start();
        NodeService here = buyer.commands()) {
      Cid sold = seller.offer(900_000, PRICE);
      here.addNeighbour(sync("poor", seller, sold.toString(), false));
      until(() -> here.neighbour("poor").state().equals("PAYMENT_REQUIRED"));
      assertTrue(here.neighbour("poor").reason().orElseThrow().contains(PRICE_TEXT));
      assertEquals(List.of(), here.deals());
      here.removeNeighbour("poor");

      here.faucet(here.id().paymentAddress(), TokenAmount.of(1_000_000_000), Optional.empty());
      Requests.NeighbourRequest rich =
          new Requests.NeighbourRequest(
              "rich",
              seller.address(),
              sold.toString(),
              false,
              Optional.of(PRICE),
              Optional.of(TokenAmount.of(100_000_000)));
      here.addNeighbour(rich);
      until(() -> here.neighbour("rich").state().equals("IN_SYNC"));
      assertTrue(lists(here, sold.toString()));
      Reports.NeighbourReport bought = here.neighbour("rich");
      assertEquals(here.deals().getFirst().paid(), bought.spent());
      assertTrue(bought.spent().compareTo(TokenAmount.ZERO) > 0);
      assertEquals(1, here.channels().size());
      seller.awaitNoDeals();
      assertEquals(bought.spent(), there.books().earned());
    }
  }
}
