package io.sluice.node.pullsync.bee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.node.pullsync.Eventually;
import io.sluice.node.pullsync.bee.BeeClient.BeePeer;
import io.sluice.node.pullsync.bee.NeighbourPull.PullPace;
import io.sluice.protocol.DoublingPause;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.SteadyRate;
import io.sluice.protocol.Throttle;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.TestHosts;
import io.sluice.protocol.pullsync.bee.BadPullsync;
import io.sluice.protocol.pullsync.bee.BeeFrames;
import io.sluice.protocol.pullsync.bee.BeeMessage;
import io.sluice.protocol.pullsync.bee.BeeMessage.Ack;
import io.sluice.protocol.pullsync.bee.BeeMessage.ChunkOffer;
import io.sluice.protocol.pullsync.bee.BeeMessage.Delivery;
import io.sluice.protocol.pullsync.bee.BeeMessage.Headers;
import io.sluice.protocol.pullsync.bee.BeeMessage.Want;
import io.sluice.protocol.pullsync.bee.BeeVersion;
import io.sluice.protocol.pullsync.bee.BeeVersion.Purpose;
import io.sluice.protocol.pullsync.bee.ChunkId;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our syncer at both ends of a network in memory. */
@Timeout(60)
class NeighbourPullTest {
  private static final DoublingPause SOON =
      new DoublingPause(Duration.ofMillis(5), Duration.ofMillis(50));

  @TempDir Path folder;
  private static final long MAX = Long.MAX_VALUE;
  private final TestHosts network = new TestHosts();
  private final Host server = network.host("server");
  private final Host client = network.host("client");
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    client.close();
    server.close();
  }

  private Reserve reserve(String name, int radius, long epoch) throws IOException {
    Reserve reserve =
        Reserve.open(
            folder.resolve(name),
            new ReserveRules(BeeContent.OVERLAY, radius, Set.of(BeeContent.BATCH.id())),
            1 << 24,
            BeeContent.CRYPTO,
            () -> epoch,
            DiskWatch.NONE);
    open.add(reserve);
    return reserve;
  }

  private void serve(Reserve reserve, BeeVersion... versions) {
    RecordedDelays delays = new RecordedDelays();
    SharedPages pages = new SharedPages(reserve::look, delays);
    reserve.onStored(pages::stored);
    new BeeServer(reserve, pages, peer -> true, Ticker.SYSTEM, delays)
        .serve(server, versions.length == 0 ? BeeVersion.values() : versions);
  }

  private BeeClient asks(Reserve into) {
    return new BeeClient(client, into, BeeContent.CRYPTO, BeeContent.POSTAGE, new Random(1));
  }

  private void pull(Reserve into) {
    PullPace pace =
        new PullPace(
            SOON, new Throttle(SteadyRate.aSecond(100_000, 100_000), Ticker.SYSTEM), Ticker.SYSTEM);
    Thread pull =
        Thread.startVirtualThread(
            new NeighbourPull(asks(into), new BeePeer(server.id(), List.of()), into, pace));
    open.add(
        () -> {
          pull.interrupt();
          pull.join();
        });
  }

  @Test
  void whatWasThereAndWhatComesIsPulled() throws IOException {
    Reserve from = reserve("from", 0, 1);
    from.put(BeeContent.ofBin(3, 300, 8));
    from.put(BeeContent.ofBin(0, 5, 64));
    serve(from);
    Reserve into = reserve("into", 0, 2);
    pull(into);
    Eventually.is(305, into::count);
    from.put(BeeContent.ofBin(5, 3, 64));
    Eventually.is(308, into::count);
    Eventually.is("1;1,8c", () -> into.done(server.id().toString(), 1, 3).toString());
  }

  @Test
  void givenConnectionBreaksAgainAndAgain_thenAllComesOnce() throws IOException {
    Reserve from = reserve("from", 0, 1);
    from.put(BeeContent.ofBin(3, 300, 8));
    serve(from);
    Reserve into = reserve("into", 0, 2);
    BeePeer peer = new BeePeer(server.id(), List.of());
    int before = 0;
    for (int i = 1; i <= 5; i++) {
      network.cutAfter(server, client, 30_000 * i); // the offer alone has 26,000
      try {
        var unused = asks(into).pull(peer, BeeVersion.V1_4, 3, 1, MAX);
      } catch (IOException | ProtocolException cut) {
        assertTrue(into.count() >= before);
      }
      before = into.count();
    }
    pull(into);
    Eventually.is(300, into::count);
    assertEquals(300L, into.cursors().get(3));
  }

  @Test
  void givenRadius_thenLowerBinsAreNotPulled() throws IOException {
    Reserve from = reserve("from", 0, 1);
    from.put(BeeContent.ofBin(3, 5, 64));
    from.put(BeeContent.ofBin(1, 5, 64));
    serve(from);
    Reserve into = reserve("into", 2, 2);
    pull(into);
    Eventually.is(5, into::count);
    assertEquals(0L, into.cursors().get(1));
  }

  /** Who wiped its reserve numbers anew: what was noted of it is void. */
  @Test
  void givenNeighbourIsWiped_thenItsNewChunksArePulled() throws Exception {
    Reserve first = reserve("first", 0, 1);
    first.put(BeeContent.ofBin(3, 8, 64));
    serve(first);
    Reserve into = reserve("into", 0, 2);
    pull(into);
    Eventually.is(8, into::count);
    Reserve second = reserve("second", 0, 3);
    second.put(BeeContent.ofBin(3, 6, 8));
    serve(second); // in the place of the first
    network.cut(server, client);
    Eventually.is(14, into::count);
    Eventually.is("1;1,6", () -> into.done(server.id().toString(), 3, 3).toString());
  }

  @Test
  void givenOnlyVersion100_thenItIsSpoken() throws IOException {
    Reserve from = reserve("from", 0, 1);
    from.put(BeeContent.ofBin(3, 120, 64));
    serve(from, BeeVersion.V1_0);
    Reserve into = reserve("into", 0, 2);
    assertEquals(
        BeeVersion.V1_0, asks(into).cursors(new BeePeer(server.id(), List.of())).version());
    pull(into);
    Eventually.is(120, into::count);
    from.put(BeeContent.ofBin(5, 3, 64));
    Eventually.is(123, into::count);
  }

  /** A node of 1.2 takes the id of 1.0.0 as well, and reads its messages as others. */
  @Test
  void givenVersionBetween_thenRefused() throws IOException {
    server.handle(BeeVersion.id("1.2.0", Purpose.CURSORS), stream -> {});
    server.handle(BeeVersion.V1_0.protocol(Purpose.CURSORS), stream -> {});
    BeeClient asks = asks(reserve("into", 0, 2));
    assertThrows(BadPullsync.class, () -> asks.cursors(new BeePeer(server.id(), List.of())));
  }

  // ---- several neighbours at once ----

  /** Answers one request of 1.4.0 with that chunk, when it may deliver. */
  private static void offers(Host host, CountDownLatch may, BlockingQueue<BitSet> wants) {
    host.handle(
        BeeVersion.V1_4.protocol(Purpose.PULLSYNC),
        stream -> {
          BeeFrames frames = new BeeFrames(stream);
          frames.read();
          frames.write(new Headers());
          frames.read();
          frames.write(new ChunkOffer(1, List.of(CHUNK.id(BeeContent.CRYPTO))));
          BitSet wanted = Want.decode(frames.read()).of(1);
          wants.add(wanted);
          try {
            may.await();
          } catch (InterruptedException stop) {
            throw new InterruptedIOException();
          }
          if (may == BREAKS) {
            stream.reset();
          } else if (!wanted.isEmpty()) {
            frames.write(
                new Delivery(
                    ByteBuffer.wrap(CHUNK.address().bytes()),
                    CHUNK.data(),
                    ByteBuffer.wrap(CHUNK.stamp().encode())));
          }
        });
  }

  private static final CountDownLatch BREAKS = new CountDownLatch(1);

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void givenTwoOfferTheSameAtOnce_thenItTravelsOnce(boolean firstDelivers) throws Exception {
    Host other = network.host("other");
    open.add(other);
    CountDownLatch may = firstDelivers ? new CountDownLatch(1) : BREAKS;
    BlockingQueue<BitSet> firstWants = new LinkedBlockingQueue<>();
    BlockingQueue<BitSet> otherWants = new LinkedBlockingQueue<>();
    offers(server, may, firstWants);
    offers(other, new CountDownLatch(0), otherWants);
    Reserve into = reserve("into", 0, 2);
    BeeClient asks = asks(into);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<PullResult> first =
          threads.submit(
              () -> asks.pull(new BeePeer(server.id(), List.of()), BeeVersion.V1_4, 3, 1, MAX));
      assertEquals(1, firstWants.take().cardinality());
      Future<PullResult> second =
          threads.submit(
              () -> asks.pull(new BeePeer(other.id(), List.of()), BeeVersion.V1_4, 3, 1, MAX));
      assertEquals(0, otherWants.take().cardinality());
      may.countDown();

      // What the first does not bring is asked for another time.
      assertEquals(!firstDelivers, second.get().isWorthAnotherTry());
      assertEquals(firstDelivers ? 1 : 0, into.count());
      if (firstDelivers) {
        assertEquals(1, first.get().stored());
      } else {
        assertThrows(ExecutionException.class, first::get);
        assertEquals(
            1, asks.pull(new BeePeer(other.id(), List.of()), BeeVersion.V1_4, 3, 1, MAX).stored());
      }
    }
  }

  // ---- neighbours that say what cannot be ----

  private interface Answer {
    BeeMessage to();
  }

  private void answers(Purpose purpose, Answer answer) {
    server.handle(
        BeeVersion.V1_4.protocol(purpose),
        stream -> {
          BeeFrames frames = new BeeFrames(stream);
          frames.read();
          frames.write(new Headers());
          frames.read();
          frames.write(answer.to());
          stream.read(ByteBuffer.allocate(100));
        });
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MAX_VALUE, Long.MIN_VALUE, 5, 6})
  void givenTopmostThatCannotBe_thenNothingIsDone(long topmost) throws IOException {
    ChunkId id = CHUNK.id(BeeContent.CRYPTO);
    answers(Purpose.PULLSYNC, () -> new ChunkOffer(topmost, List.of(id, id)));
    Reserve into = reserve("into", 0, 2);
    BeeClient asks = asks(into);
    BeePeer peer = new BeePeer(server.id(), List.of());
    assertThrows(BadPullsync.class, () -> asks.pull(peer, BeeVersion.V1_4, 3, 6, Long.MAX_VALUE));
  }

  private static final StampedChunk CHUNK = BeeContent.ofBin(3, 1, 64).getFirst();

  @Test
  void givenCursorBeyondAllNumbers_thenRefused() throws IOException {
    answers(Purpose.CURSORS, () -> new Ack(Collections.nCopies(32, -1L), OptionalLong.empty()));
    BeeClient asks = asks(reserve("into", 0, 2));
    assertThrows(BadPullsync.class, () -> asks.cursors(new BeePeer(server.id(), List.of())));
  }

  /** It offers up to number 1000 and has 1: no number beyond its cursor is believed. */
  @Test
  void givenTopmostAboveTheCursor_thenNothingIsDone() throws IOException {
    answers(Purpose.CURSORS, () -> new Ack(Collections.nCopies(32, 1L), OptionalLong.of(5)));
    answers(Purpose.PULLSYNC, () -> new ChunkOffer(1000, List.of()));
    Reserve into = reserve("into", 31, 2);
    pull(into);
    Eventually.is(true, () -> network.traffic() > 2000);
    assertEquals("1", into.done(server.id().toString(), 5, 31).toString());
  }

  @ParameterizedTest
  @EnumSource(BeeVersion.class)
  void givenNoise_thenTypedErrorAndNothingIsStored(BeeVersion version) throws IOException {
    Random random = new Random(3);
    server.handle(
        version.protocol(Purpose.PULLSYNC),
        stream -> {
          byte[] noise = new byte[random.nextInt(300)];
          random.nextBytes(noise);
          stream.write(ByteBuffer.wrap(noise));
        });
    Reserve into = reserve("into", 0, 2);
    BeeClient asks = asks(into);
    BeePeer peer = new BeePeer(server.id(), List.of());
    for (int i = 0; i < 200; i++) {
      try {
        PullResult none = asks.pull(peer, version, 3, 1, Long.MAX_VALUE);
        assertEquals(0, none.stored());
      } catch (IOException | ProtocolException typed) {
        assertTrue(into.count() == 0);
      }
    }
  }
}
