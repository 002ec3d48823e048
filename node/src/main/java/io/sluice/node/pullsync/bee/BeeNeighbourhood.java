package io.sluice.node.pullsync.bee;

import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.node.config.NodeConfig.BeePullsync;
import io.sluice.node.pullsync.bee.BeeClient.BeePeer;
import io.sluice.node.pullsync.bee.NeighbourPull.PullPace;
import io.sluice.protocol.DoublingPause;
import io.sluice.protocol.SteadyRate;
import io.sluice.protocol.Throttle;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.bee.Batch;
import io.sluice.protocol.pullsync.bee.BeeCrypto;
import io.sluice.protocol.pullsync.bee.BeeVersion;
import io.sluice.protocol.pullsync.bee.Postage;
import io.sluice.protocol.retrieval.Bytes32;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node among nodes of Swarm: it has a reserve, fills it from its neighbours, and gives of it
 * to them and to those who may read. Who else asks is reset. There is nothing in the reserve but
 * chunks that came from neighbours, and no way from here to anything else that the node has.
 */
public final class BeeNeighbourhood implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BeeNeighbourhood.class);
  private static final String FOLDER = "bee";
  private static final DoublingPause PAUSE =
      new DoublingPause(Duration.ofSeconds(1), Duration.ofMinutes(5));
  private static final int CHUNKS_PER_SECOND = 1000;

  private final Reserve reserve;
  private final SharedPages pages;
  private final ScheduledExecutorService clock;
  private final ExecutorService pulls = Executors.newVirtualThreadPerTaskExecutor();

  private BeeNeighbourhood(Reserve reserve, SharedPages pages, ScheduledExecutorService clock) {
    this.reserve = reserve;
    this.pages = pages;
    this.clock = clock;
  }

  /**
   * Begins to answer; {@link #pull} begins to ask.
   *
   * @param home the folder of the node, beneath which the reserve lies
   * @param config which of it is enabled
   * @param time names the numbering of a new reserve
   * @throws IOException if the reserve cannot be opened
   */
  public static BeeNeighbourhood serve(Host host, Path home, BeePullsync config, Clock time)
      throws IOException {
    BeeCrypto crypto = new EvmCrypto();
    ReserveRules rules =
        new ReserveRules(
            config.overlay().orElseGet(() -> overlay(host.id())),
            config.radius(),
            config.batches().stream().map(Batch::id).collect(Collectors.toSet()));
    Reserve reserve =
        Reserve.open(
            home.resolve(FOLDER), rules, config.capacity(), crypto, time::millis, DiskWatch.NONE);
    ScheduledExecutorService clock =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("bee-clock").daemon().factory());
    Delays delays = Delays.of(clock);
    SharedPages pages = new SharedPages(reserve::look, delays);
    reserve.onStored(pages::stored);
    Set<PeerId> readers = new HashSet<>(config.readers());
    config.neighbours().forEach(each -> readers.add(each.peerId().orElseThrow()));
    new BeeServer(reserve, pages, readers::contains, Ticker.SYSTEM, delays)
        .serve(host, BeeVersion.values());
    LOG.info("{} chunks of Swarm, overlay {}", reserve.count(), rules.overlay());
    return new BeeNeighbourhood(reserve, pages, clock);
  }

  /** As long as nobody says another one: what follows from the name of the node. */
  private static Bytes32 overlay(PeerId id) {
    try {
      return Bytes32.of(MessageDigest.getInstance("SHA-256").digest(id.bytes()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  /** Begins to fill the reserve from the neighbours, and goes on until this is closed. */
  public void pull(Host host, BeePullsync config) {
    BeeCrypto crypto = new EvmCrypto();
    BeeClient client =
        new BeeClient(
            host, reserve, crypto, new Postage(crypto, config.batches()), new SecureRandom());
    PullPace pace =
        new PullPace(
            PAUSE,
            new Throttle(SteadyRate.aSecond(CHUNKS_PER_SECOND, CHUNKS_PER_SECOND), Ticker.SYSTEM),
            Ticker.SYSTEM);
    Map<PeerId, List<Multiaddr>> peers = new HashMap<>();
    config
        .neighbours()
        .forEach(
            each ->
                peers
                    .computeIfAbsent(each.peerId().orElseThrow(), any -> new ArrayList<>())
                    .add(each));
    peers.forEach(
        (peer, addresses) ->
            pulls.execute(new NeighbourPull(client, new BeePeer(peer, addresses), reserve, pace)));
  }

  /** How many chunks there are. */
  public int count() {
    return reserve.count();
  }

  @Override
  public void close() throws IOException {
    pulls.shutdownNow();
    pulls.close();
    pages.close();
    clock.shutdownNow();
    reserve.close();
  }
}
