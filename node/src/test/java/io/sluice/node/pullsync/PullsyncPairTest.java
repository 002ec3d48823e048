package io.sluice.node.pullsync;

import static io.sluice.node.pullsync.ScriptedNeighbour.EPOCH;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.pullsync.Neighbour.Page;
import io.sluice.node.pullsync.Neighbour.Position;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.HostConfig;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.libp2p.Libp2pHost;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.Multihash;
import io.sluice.protocol.pullsync.Get;
import io.sluice.protocol.pullsync.Item;
import io.sluice.protocol.pullsync.Lane;
import io.sluice.protocol.pullsync.MessageStream;
import io.sluice.protocol.pullsync.Offer;
import io.sluice.protocol.pullsync.Pullsync;
import io.sluice.protocol.pullsync.Want;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both ends together, over connections as they really are. */
@Timeout(60)
class PullsyncPairTest {
  private final MemoryPullsyncHome home = new MemoryPullsyncHome();
  private final PullsyncServer server =
      new PullsyncServer(home, PullsyncLimits.DEFAULT, Ticker.SYSTEM, PullsyncMetrics.NONE);
  private final ExecutorService hashing = Executors.newFixedThreadPool(2);
  private final Arrived arrived = new Arrived();
  private Host there;
  private Host here;
  private Neighbour neighbour;

  @BeforeEach
  void connect() throws IOException {
    SecureRandom random = new SecureRandom();
    there =
        Libp2pHost.start(
            HostConfig.of(Identity.generate(random))
                .withListen(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"))));
    here = Libp2pHost.start(HostConfig.of(Identity.generate(random)));
    server.serve(there);
    neighbour = new PullsyncNeighbour(here, there.id(), there.addresses(), hashing);
  }

  @AfterEach
  void close() {
    here.close();
    there.close();
    hashing.shutdownNow();
  }

  /** Keeps what is not here yet. */
  private static final class Arrived implements Neighbour.PageReceiver {
    final MemoryBlockStore blocks = new MemoryBlockStore();
    int received;

    @Override
    public boolean wants(Item item) {
      return !blocks.has(item.cid());
    }

    @Override
    public void receive(Item item, Block block) {
      received++;
      blocks.put(block);
    }
  }

  private static Block block(Random random) {
    byte[] data = new byte[random.nextInt(3000)];
    random.nextBytes(data);
    ByteBuffer bytes = ByteBuffer.wrap(data);
    long[] hashes = {Multihash.SHA2_256, Multihash.SHA2_512, Multihash.BLAKE3};
    Multihash hash = Multihash.hash(hashes[random.nextInt(hashes.length)], bytes);
    return switch (random.nextInt(4)) {
      case 0 -> new Block(Cid.v0(Multihash.sha2_256(bytes)), bytes);
      case 1 -> new Block(Cid.v1(Codec.DAG_CBOR, hash), bytes);
      case 2 -> new Block(Cid.v1(Codec.DAG_PB, hash), bytes);
      default -> new Block(Cid.v1(Codec.RAW, hash), bytes);
    };
  }

  /** Page after page, at once one behind the other: never is one refused for the one before. */
  private long pull(long from, long to) throws Exception {
    long done = from - 1;
    while (done < to) {
      Page page = neighbour.page(Lane.EVERYTHING, EPOCH, done + 1, to, Duration.ZERO, arrived);
      assertTrue(page.topmost() > done);
      done = page.topmost();
    }
    return done;
  }

  @Test
  void givenBlocksOfAnyCid_thenAllOfThemOnceByteForByte() throws Exception {
    long seed = Long.getLong("sluice.seed", new Random().nextLong());
    Random random = new Random(seed);
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < 1200; i++) {
      Block block = block(random);
      if (!home.log.has(block.cid())) {
        home.log.put(block);
        blocks.add(block);
      }
      if (random.nextInt(20) == 0) {
        Block lost = blocks.remove(random.nextInt(blocks.size()));
        home.log.lose(lost.cid());
      }
    }
    Position position = neighbour.position(Lane.EVERYTHING);
    assertEquals(new Position(EPOCH, home.log.cursor()), position);

    pull(1, position.cursor());
    for (Block block : blocks) {
      assertEquals(block.data(), arrived.blocks.get(block.cid()).orElseThrow().data());
    }
    assertEquals(blocks.size(), arrived.blocks.count(), "seed " + seed);
    pull(1, position.cursor());
    assertEquals(blocks.size(), arrived.received, "seed " + seed);
  }

  @Test
  void givenALiveInterval_thenWhatComesArrives() throws Exception {
    Random random = new Random(1);
    for (int i = 1; i <= 20; i++) {
      CompletableFuture<Page> page = new CompletableFuture<>();
      long from = i;
      Thread.startVirtualThread(
          () -> {
            try {
              page.complete(
                  neighbour.page(
                      Lane.EVERYTHING,
                      EPOCH,
                      from,
                      Neighbour.LIVE,
                      Duration.ofSeconds(30),
                      arrived));
            } catch (IOException | NeighbourException e) {
              page.completeExceptionally(e);
            }
          });
      Block block = block(random);
      home.log.put(block);
      assertEquals(i, page.get(2, TimeUnit.SECONDS).topmost());
      assertTrue(arrived.blocks.has(block.cid()));
    }
  }

  private void awaitUnderWay(int pages) {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(pages == 0 ? 1 : 30);
    while (server.underWay() != pages) {
      assertTrue(System.nanoTime() < until, () -> server.underWay() + " pages, not " + pages);
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void givenAnInterruptOfALiveWait_thenBothEndsAreFree() throws Exception {
    CompletableFuture<Exception> ended = new CompletableFuture<>();
    Thread puller =
        Thread.startVirtualThread(
            () -> {
              try {
                pullLive();
              } catch (Exception e) {
                ended.complete(e);
              }
            });
    awaitUnderWay(1);

    puller.interrupt();

    assertInstanceOf(InterruptedIOException.class, ended.get(1, TimeUnit.SECONDS));
    awaitUnderWay(0);
  }

  private void pullLive() throws IOException, NeighbourException {
    neighbour.page(Lane.EVERYTHING, EPOCH, 1, Neighbour.LIVE, Duration.ofSeconds(30), arrived);
  }

  /** A peer may end its stream in either way, and in the middle of what it does not read. */
  @ParameterizedTest
  @ValueSource(strings = {"reset", "close", "connection"})
  void givenAPageIsCalledOff_thenTheServerIsFreeWithinASecond(String how) throws Exception {
    for (int i = 1; i <= 4; i++) {
      home.log.put(ScriptedNeighbour.block(i, 1 << 20));
    }
    Stream stream = here.open(there.id(), there.addresses(), List.of(Pullsync.SYNC));
    MessageStream messages = new MessageStream(stream);
    messages.write(new Get(Lane.EVERYTHING, 1, OptionalLong.of(4), 0, Duration.ZERO, EPOCH));
    Offer offer = (Offer) messages.read(Pullsync.MESSAGE_BYTES).orElseThrow();
    messages.write(Want.of(offer.items().size(), item -> true));
    awaitUnderWay(1);
    switch (how) {
      case "reset" -> stream.reset();
      case "close" -> stream.close();
      default -> here.close();
    }

    awaitUnderWay(0);
  }
}
