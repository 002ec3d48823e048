package io.sluice.node.pullsync;

import static io.sluice.node.pullsync.Eventually.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.MemoryJournal;
import io.sluice.fsm.engine.EngineWatch;
import io.sluice.fsm.sync.NeighbourSync;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.DoublingPause;
import io.sluice.protocol.SteadyRate;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.Lane;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nodes in memory that pull from each other, with all that can go wrong between them. */
@Timeout(60)
class SyncsTest {
  private static final PullPlan FAST =
      new PullPlan(
          new DoublingPause(Duration.ofMillis(1), Duration.ofMillis(20)),
          new DoublingPause(Duration.ofMillis(1), Duration.ofMillis(20)),
          new DoublingPause(Duration.ofMillis(1), Duration.ofMillis(20)),
          Duration.ofSeconds(5),
          Duration.ofMillis(10),
          100);

  private final Random random = new Random(8);
  private final Map<PeerId, LogNeighbour> reachable = new HashMap<>();

  /** One node: what it has, and its syncs. */
  private final class MemoryNode implements AutoCloseable {
    final MemoryPullHome home;
    final PeerId id = Identity.generate(new SecureRandom()).peerId();
    final MemoryJournal journal = new MemoryJournal();
    Syncs syncs;
    private final PullPace pace;

    MemoryNode(long epoch) {
      this(epoch, PullPace.bytesPerSecond(0));
    }

    MemoryNode(long epoch, PullPace pace) {
      this.pace = pace;
      home = new MemoryPullHome(epoch);
      syncs = open();
    }

    private Syncs open() {
      return new Syncs(
          home, journal, journal, Clock.systemUTC(), random, new EngineWatch() {}, FAST, pace);
    }

    LogNeighbour pullsFrom(MemoryNode other) throws Exception {
      LogNeighbour neighbour = new LogNeighbour(other.home);
      reachable.put(other.id, neighbour);
      return pullsFrom(other, neighbour);
    }

    /** Each way has its own neighbour, so that what it delivers is counted by itself. */
    LogNeighbour pullsFrom(MemoryNode other, LogNeighbour neighbour) throws Exception {
      syncs.add(order("from-" + other.home.log.epoch(), other.id, false));
      syncs.serve(to(Map.of(other.id, neighbour)), PullMetrics.NONE, name -> {});
      return neighbour;
    }

    void startAgain(Map<PeerId, LogNeighbour> neighbours) throws IOException {
      syncs.close();
      syncs = open();
      syncs.serve(to(neighbours), PullMetrics.NONE, name -> {});
    }

    Syncs.SyncStatus status(MemoryNode other) throws Exception {
      return syncs.one("from-" + other.home.log.epoch());
    }

    @Override
    public void close() {
      syncs.close();
    }
  }

  private static NeighbourSync.Order order(String name, PeerId peer, boolean both) {
    return new NeighbourSync.Order(
        name,
        peer,
        List.of(Multiaddr.parse("/ip4/192.0.2.1/tcp/4150")),
        Lane.EVERYTHING,
        both,
        false,
        Optional.empty(),
        Instant.ofEpochMilli(1_500_000_000_000L));
  }

  private static Neighbours to(Map<PeerId, LogNeighbour> neighbours) {
    return new Neighbours() {
      @Override
      public Neighbour at(PeerId peer, List<Multiaddr> addresses) {
        return neighbours.get(peer);
      }

      @Override
      public boolean isConnected(PeerId peer) {
        return !neighbours.get(peer).down;
      }

      @Override
      public void askToFollow(PeerId peer, List<Multiaddr> addresses, Lane lane, String name)
          throws NeighbourException {
        Optional<NeighbourException> refusal = neighbours.get(peer).refusal;
        if (refusal.isPresent()) {
          throw refusal.get();
        }
      }

      @Override
      public void askToStop(PeerId peer, List<Multiaddr> addresses, Lane lane) throws IOException {
        if (neighbours.get(peer).down) {
          throw new IOException("nobody listens there");
        }
      }
    };
  }

  private static void untilInSync(MemoryNode node, MemoryNode other) throws Exception {
    until(
        () ->
            node.status(other).state().equals("IN_SYNC")
                && node.status(other).sync().done().highest() == other.home.log.cursor()
                && node.status(other).behind().equals(Optional.of(0L)));
  }

  @Test
  void givenHistoryAndNews_thenAllOfItOnce_andRootsListed() throws Exception {
    try (MemoryNode here = new MemoryNode(1);
        MemoryNode there = new MemoryNode(2)) {
      Cid old = there.home.bringIn(230, random);
      LogNeighbour neighbour = here.pullsFrom(there);
      untilInSync(here, there);
      assertEquals(231, neighbour.deliveries.get());
      assertTrue(here.home.roots().contains(old.toString()));

      Cid news = there.home.bringIn(30, random);
      until(() -> here.home.roots().contains(news.toString()));
      untilInSync(here, there);
      assertEquals(231 + 31, neighbour.deliveries.get());
      NeighbourSync sync = here.status(there).sync();
      assertEquals(262, sync.blocks());
      assertEquals(List.of(), sync.open());
      assertEquals(1, sync.done().ranges().size());
      assertEquals(here.home.log.cursor() + 1, sync.unclaimed());
      assertEquals(Duration.ZERO, here.status(there).lag());
    }
  }

  /** All six ways of three nodes, each with blocks of its own and some that others have, too. */
  @Test
  void givenThreeNodes_thenAllEqual_andEachBlockTravelsToEachNodeOnce() throws Exception {
    try (MemoryNode a = new MemoryNode(1);
        MemoryNode b = new MemoryNode(2);
        MemoryNode c = new MemoryNode(3)) {
      List<MemoryNode> nodes = List.of(a, b, c);
      Map<MemoryNode, Map<PeerId, LogNeighbour>> ways = new HashMap<>();
      for (MemoryNode node : nodes) {
        Map<PeerId, LogNeighbour> way = new HashMap<>();
        ways.put(node, way);
        for (MemoryNode other : nodes) {
          if (other != node) {
            way.put(other.id, new LogNeighbour(other.home));
            node.syncs.add(order("from-" + other.home.log.epoch(), other.id, false));
          }
        }
        node.syncs.serve(to(way), PullMetrics.NONE, name -> {});
      }
      Cid one = a.home.bringIn(1000, random);
      Cid other = b.home.bringIn(300, random);
      for (MemoryNode node : nodes) {
        until(
            () ->
                node.home.roots().size() == 2
                    && node.home.isComplete(one)
                    && node.home.isComplete(other));
      }
      for (MemoryNode node : nodes) {
        Map<Cid, Integer> times = new HashMap<>();
        ways.get(node)
            .values()
            .forEach(way -> way.delivered.forEach((cid, n) -> times.merge(cid, n, Integer::sum)));
        assertTrue(times.values().stream().allMatch(count -> count == 1));
        assertEquals(node == a ? 301 : node == b ? 1001 : 1302, times.size());
      }

      a.home.remove(one);
      for (MemoryNode node : nodes) {
        until(() -> node.home.roots().equals(Set.of(other.toString())));
      }
    }
  }

  @Test
  void givenBlockThatDoesNotCome_thenTheOthersDo_andItIsTriedAgain() throws Exception {
    try (MemoryNode here = new MemoryNode(1);
        MemoryNode there = new MemoryNode(2)) {
      Cid root = there.home.bringIn(120, random);
      Cid bad = there.home.beneath(root).get(70);
      LogNeighbour neighbour = new LogNeighbour(there.home);
      neighbour.gone.add(bad);
      here.pullsFrom(there, neighbour);
      until(() -> here.status(there).behind().equals(Optional.of(2L))); // the block and its root

      assertEquals(120, neighbour.deliveries.get());
      assertEquals(2, here.status(there).sync().open().size());
      assertTrue(here.status(there).reason().contains(bad.toString()));
      assertEquals("CATCHING_UP", here.status(there).state());
      assertTrue(here.home.roots().isEmpty());

      neighbour.gone.clear();
      untilInSync(here, there);
      assertEquals(121, neighbour.deliveries.get());
      assertTrue(here.home.roots().contains(root.toString()));
    }
  }

  @Test
  void givenNoRoom_thenWhatFitsComes_andTheRestWhenThereIsRoom() throws Exception {
    try (MemoryNode here = new MemoryNode(1);
        MemoryNode there = new MemoryNode(2)) {
      Cid root = there.home.bringIn(120, random);
      here.home.quota = 5000;
      LogNeighbour neighbour = here.pullsFrom(there);
      until(() -> here.status(there).sync().seen().missing(there.home.log.cursor()) == 0);

      assertEquals(50, neighbour.deliveries.get());
      assertEquals("CATCHING_UP", here.status(there).state());
      assertTrue(here.status(there).reason().contains("receive.quota"));

      here.home.quota = Long.MAX_VALUE;
      untilInSync(here, there);
      assertTrue(here.home.roots().contains(root.toString()));
      assertEquals(121, neighbour.deliveries.get());
    }
  }

  @Test
  void givenARateOfBytes_thenPulledNoFaster() throws Exception {
    PullPace pace = new PullPace(SteadyRate.aSecond(20_000, 1000), Ticker.SYSTEM);
    try (MemoryNode here = new MemoryNode(1, pace);
        MemoryNode there = new MemoryNode(2)) {
      there.home.bringIn(150, random); // 15,000 bytes, in pages of 5,000, the last of which is free
      long began = System.nanoTime();
      here.pullsFrom(there);
      untilInSync(here, there);

      Duration took = Duration.ofNanos(System.nanoTime() - began);
      assertTrue(took.compareTo(Duration.ofMillis(400)) > 0, took::toString);
    }
  }

  @Test
  void givenTwoImportsAtOnce_thenBlocksOfTheOneStayUnclaimed_whenTheOtherIsListed()
      throws Exception {
    try (MemoryNode here = new MemoryNode(1);
        MemoryNode there = new MemoryNode(2)) {
      List<Block> slow = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        slow.add(ScriptedNeighbour.block(i, 50));
      }
      slow.forEach(there.home.log::put);
      there.home.bringIn(20, random);
      here.pullsFrom(there);
      untilInSync(here, there);

      assertEquals(1, here.home.roots().size());
      assertEquals(1, here.status(there).sync().unclaimed());

      there.home.listAbove(slow);
      until(() -> here.home.roots().size() == 2);
      untilInSync(here, there);
      assertEquals(here.home.log.cursor() + 1, here.status(there).sync().unclaimed());
    }
  }

  @Test
  void givenNumbersThatBeginAnew_thenLookedThroughAnew_andNothingTravelsAgain() throws Exception {
    try (MemoryNode here = new MemoryNode(1);
        MemoryNode there = new MemoryNode(2)) {
      there.home.bringIn(120, random);
      LogNeighbour neighbour = here.pullsFrom(there);
      untilInSync(here, there);

      there.home.log.restart(77);
      Cid more = there.home.bringIn(10, random);

      until(() -> here.home.roots().contains(more.toString()));
      assertEquals(121 + 11, neighbour.deliveries.get());
      assertEquals(77, here.syncs.one("from-2").sync().epoch());
    }
  }

  @Test
  void givenBlocksLostHere_thenFetchedAgain() throws Exception {
    try (MemoryNode here = new MemoryNode(1);
        MemoryNode there = new MemoryNode(2)) {
      Cid root = there.home.bringIn(120, random);
      LogNeighbour neighbour = here.pullsFrom(there);
      untilInSync(here, there);
      here.syncs.close();
      there.home.beneath(root).forEach(here.home.log::lose);
      here.home.log.lose(root);
      here.home.log.restart(11);

      here.startAgain(Map.of(there.id, neighbour));

      until(() -> here.home.log.has(root) && here.home.isComplete(root));
      untilInSync(here, there);
      assertEquals(2 * 121, neighbour.deliveries.get());
    }
  }

  @Test
  void givenRootRemovedWhileOneWasAway_thenNotResurrectedByIt() throws Exception {
    try (MemoryNode here = new MemoryNode(1);
        MemoryNode there = new MemoryNode(2)) {
      Cid root = there.home.bringIn(20, random);
      Cid kept = there.home.bringIn(20, random);
      LogNeighbour neighbour = here.pullsFrom(there);
      untilInSync(here, there);
      LogNeighbour back = there.pullsFrom(here);
      untilInSync(there, here);

      neighbour.down = true;
      there.home.remove(root);
      neighbour.down = false;

      until(() -> here.home.roots().equals(Set.of(kept.toString())));
      untilInSync(there, here);
      assertEquals(Set.of(kept.toString()), there.home.roots());
      assertEquals(0, back.deliveries.get());

      // Whoever lists it again means it.
      there.home.list(root);
      until(() -> here.home.roots().contains(root.toString()));
    }
  }

  @Test
  void givenNodeThatStartsAgain_thenItAsksForWhatIsMissing() throws Exception {
    try (MemoryNode here = new MemoryNode(1);
        MemoryNode there = new MemoryNode(2)) {
      there.home.bringIn(120, random);
      LogNeighbour neighbour = here.pullsFrom(there);
      untilInSync(here, there);
      long offered = neighbour.offers.get();
      here.syncs.close();
      there.home.bringIn(9, random);

      here.startAgain(Map.of(there.id, neighbour));

      until(() -> here.home.roots().size() == 2);
      assertEquals(11, neighbour.offers.get() - offered, "ten blocks and a root");
    }
  }

  @Test
  void givenBlocksLostHereBeforeTheirRootCame_thenFetchedAgain() throws Exception {
    try (MemoryNode here = new MemoryNode(1);
        MemoryNode there = new MemoryNode(2)) {
      Cid root = there.home.bringIn(20, random);
      there.home.log.removed(root, there.home.log.listings(root));
      LogNeighbour neighbour = here.pullsFrom(there);
      untilInSync(here, there);
      here.home.log.lose(there.home.beneath(root).get(4));
      here.home.log.lose(there.home.beneath(root).get(5));

      there.home.list(root);

      until(() -> here.home.roots().contains(root.toString()));
      untilInSync(here, there);
      assertEquals(23, neighbour.deliveries.get());
    }
  }

  @Test
  void givenNeighbourThatFails_thenTriedAgain_withTheReason() throws Exception {
    try (MemoryNode here = new MemoryNode(1);
        MemoryNode there = new MemoryNode(2)) {
      there.home.bringIn(60, random);
      LogNeighbour neighbour = new LogNeighbour(there.home);
      neighbour.down = true;
      here.pullsFrom(there, neighbour);
      until(() -> here.status(there).state().equals("RETRYING"));
      assertEquals("nobody listens there", here.status(there).reason());
      assertEquals(Optional.empty(), here.status(there).behind());
      assertTrue(here.status(there).lag().compareTo(Duration.ZERO) > 0);

      neighbour.refusal =
          Optional.of(
              new NeighbourException(
                  NeighbourException.Kind.REFUSED, "not for you", Duration.ZERO));
      neighbour.down = false;
      until(() -> here.status(there).state().equals("REFUSED"));
      assertEquals("not for you", here.status(there).reason());

      neighbour.refusal =
          Optional.of(
              new NeighbourException(
                  NeighbourException.Kind.PAYMENT_REQUIRED, "7 per MiB", Duration.ZERO));
      until(() -> here.status(there).state().equals("PAYMENT_REQUIRED"));

      neighbour.refusal = Optional.empty();
      untilInSync(here, there);
    }
  }

  @Test
  void givenEndThatCannotBe_thenNothingIsDone() throws Exception {
    for (long lie : new long[] {0, 7, 1000, Long.MAX_VALUE, -1}) {
      try (MemoryNode here = new MemoryNode(1);
          MemoryNode there = new MemoryNode(2)) {
        there.home.bringIn(120, random);
        LogNeighbour neighbour = new LogNeighbour(there.home);
        neighbour.lie =
            page -> new Neighbour.Page(lie == 7 ? -8 : lie, page.items(), page.failed());
        here.pullsFrom(there, neighbour);
        until(() -> here.status(there).state().equals("RETRYING"));
        assertEquals(0, here.status(there).sync().done().highest());
        int before = neighbour.requests.get();
        until(() -> neighbour.requests.get() > before + 2); // and never dead
      }
    }
  }

  @Test
  void givenPause_thenNothingIsPulled_untilResumed() throws Exception {
    try (MemoryNode here = new MemoryNode(1);
        MemoryNode there = new MemoryNode(2)) {
      here.pullsFrom(there);
      untilInSync(here, there);
      assertEquals("PAUSED", here.syncs.pause("from-2").state());
      Cid root = there.home.bringIn(9, random);
      here.startAgain(reachable);
      assertEquals("PAUSED", here.status(there).state());
      assertTrue(here.home.roots().isEmpty());

      here.syncs.resume("from-2");
      until(() -> here.home.roots().contains(root.toString()));

      here.syncs.remove("from-2");
      assertEquals(List.of(), here.syncs.all());
      assertEquals(Long.MAX_VALUE, Syncs.unclaimed(here.journal));
      assertEquals(
          ErrorCode.NO_SUCH_SYNC,
          assertThrows(ServiceException.class, () -> here.status(there)).code());
      here.pullsFrom(there); // the name is free again
      untilInSync(here, there);
    }
  }

  @Test
  void givenNameOrNeighbourTwice_thenRefused() throws Exception {
    try (MemoryNode here = new MemoryNode(1)) {
      PeerId peer = Identity.generate(new SecureRandom()).peerId();
      here.syncs.add(order("one", peer, false));
      for (NeighbourSync.Order bad :
          List.of(order("two", peer, false), order("one", here.id, false))) {
        assertEquals(
            ErrorCode.SYNC_EXISTS,
            assertThrows(ServiceException.class, () -> here.syncs.add(bad)).code());
      }
      for (String name : List.of("", "a b", "x".repeat(65), "a/b")) {
        assertEquals(
            ErrorCode.USAGE,
            assertThrows(ServiceException.class, () -> here.syncs.add(order(name, here.id, false)))
                .code());
      }
      here.syncs.follow(peer, List.of(), Lane.EVERYTHING, "again");
      assertEquals(1, here.syncs.all().size());
      here.syncs.follow(here.id, List.of(), Lane.EVERYTHING, "back");
      assertEquals(2, here.syncs.all().size());
      assertThrows(
          ServiceException.class,
          () ->
              here.syncs.follow(
                  here.id, List.of(), new Lane(Optional.of(Cid.parse("bafkqaaa"))), "one"));
    }
  }

  @Test
  void givenBothWays_thenTheNeighbourIsAskedUntilItSaysYes() throws Exception {
    try (MemoryNode here = new MemoryNode(1);
        MemoryNode there = new MemoryNode(2)) {
      LogNeighbour neighbour = new LogNeighbour(there.home);
      here.syncs.add(order("both", there.id, true));
      here.syncs.serve(to(Map.of(there.id, neighbour)), PullMetrics.NONE, name -> {});
      until(() -> here.syncs.one("both").sync().followed());
      assertFalse(here.syncs.one("both").reason().contains("not pull"));
    }
  }

  @Test
  void givenLiveWait_whenClosed_thenAtOnce() throws Exception {
    MemoryNode here = new MemoryNode(1);
    MemoryNode there = new MemoryNode(2);
    here.pullsFrom(there);
    untilInSync(here, there);
    long began = System.nanoTime();
    here.close();
    assertTrue(Duration.ofNanos(System.nanoTime() - began).compareTo(Duration.ofSeconds(3)) < 0);
    there.close();
  }
}
