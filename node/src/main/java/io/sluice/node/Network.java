package io.sluice.node;

import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.EngineLimits;
import io.sluice.fsm.engine.EngineWatch;
import io.sluice.fsm.sync.SyncTable;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.node.client.ChannelEnds;
import io.sluice.node.client.ClientLimits;
import io.sluice.node.client.ClientMetrics;
import io.sluice.node.client.DealClient;
import io.sluice.node.client.PriceQuery;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.home.HomeKeys;
import io.sluice.node.metrics.Metrics;
import io.sluice.node.provider.ProviderLimits;
import io.sluice.node.provider.ProviderMetrics;
import io.sluice.node.provider.ProviderService;
import io.sluice.node.pullsync.FollowStreams;
import io.sluice.node.pullsync.PullMetrics;
import io.sluice.node.pullsync.PullsyncLimits;
import io.sluice.node.pullsync.PullsyncMetrics;
import io.sluice.node.pullsync.PullsyncServer;
import io.sluice.node.pullsync.Syncs;
import io.sluice.node.pullsync.bee.BeeNeighbourhood;
import io.sluice.node.sync.DsyncStreams;
import io.sluice.node.sync.ReceiveRecords;
import io.sluice.node.sync.SyncCaller;
import io.sluice.node.transfer.TransferDispatch;
import io.sluice.node.transfer.TransferLimits;
import io.sluice.node.transfer.TransferManager;
import io.sluice.node.transfer.TransferRecords;
import io.sluice.payments.home.Payments;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.graphsync.GraphsyncConfig;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.HostConfig;
import io.sluice.protocol.libp2p.HostLimits;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.libp2p.Libp2pHost;
import io.sluice.protocol.libp2p.PerfServer;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a node that deals with peers: the host, the deals' machines, both roles, and the
 * threads that keep money and time in step meanwhile.
 */
final class Network implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Network.class);
  private static final Duration MONEY = Duration.ofMillis(250);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration NOTE = Duration.ofSeconds(10);
  private static final Duration IDLE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final long LOOK_MILLIS = 20;

  /** What a node does on the network, the least first. */
  enum Mode {
    /** Reaches peers, nothing else. */
    DIAL,
    /** Buys. */
    BUY,
    /** Has the deals of both roles, to end one; takes none up. */
    TEND,
    /** Buys and sells, takes up what is under way, and can be reached. */
    SERVE
  }

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Libp2pHost host;
  private final Mode mode;
  private @Nullable DealClient client;
  private @Nullable ProviderService provider;
  private @Nullable TransferManager manager;
  private @Nullable BeeNeighbourhood bee;

  private Network(Libp2pHost host, Mode mode) {
    this.host = host;
    this.mode = mode;
    parts.push(host);
  }

  static Network join(SluiceNode node, Mode mode)
      throws IOException, ServiceException, InterruptedException {
    // The key is derived while the books are opened.
    CompletableFuture<Identity> identity = node.keys().identity();
    // A node that only asks has no need of the books, in which the deny list stands.
    Predicate<PeerId> listed = mode == Mode.DIAL ? peer -> false : node.denied()::denies;
    NodeConfig.Networking rules = node.config().network();
    // A host takes as long to be made as the books to be opened: both at once.
    CompletableFuture<Libp2pHost> host =
        identity.thenApplyAsync(
            key ->
                Libp2pHost.silent(
                    HostConfig.of(key)
                        .withGater(rules.gater(listed))
                        .withLimits(HostLimits.DEFAULT.withConnections(rules.connections()))
                        .withAgent("sluice")
                        .withListen(mode == Mode.SERVE ? node.config().listen() : List.of())),
            // Of its own: the common pool may be full of who waits for this node.
            task -> Thread.ofPlatform().daemon().name("host").start(task));
    Payments payments;
    try {
      payments = mode == Mode.DIAL ? null : node.payments();
    } catch (IOException | ServiceException | RuntimeException e) {
      var unused = host.thenAccept(Libp2pHost::close);
      throw e;
    }
    Network network = new Network(HomeKeys.opened(host), mode);
    try {
      node.peersFile()
          .all()
          .forEach((peer, all) -> all.forEach(each -> network.remember(peer, each)));
      // Before the first peer is let in, all that it could ask about is there.
      if (payments == null) {
        network.listen();
      } else {
        network.deal(node, payments, mode);
      }
      return network;
    } catch (IOException | InterruptedException | ServiceException | RuntimeException e) {
      network.close();
      throw e;
    }
  }

  private void listen() throws ServiceException {
    try {
      host.listen();
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      throw message.contains("in use")
          ? new ServiceException(
              ErrorCode.PORT_IN_USE, message + "; choose another port with --listen", e)
          : new ServiceException(ErrorCode.BAD_CONFIG, "listen: " + message, e);
    }
  }

  private void deal(SluiceNode node, Payments payments, Mode mode)
      throws IOException, ServiceException, InterruptedException {
    ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    parts.push(workers::shutdownNow);
    Engine engine =
        new Engine(
            node.store(),
            node.store(),
            node.clock(),
            workers,
            new Watch(node),
            EngineLimits.DEFAULT);
    parts.push(engine);
    DealClient buyer =
        new DealClient(
            host.id(),
            engine,
            node.recentBlocks(),
            node.store(),
            payments.payer(),
            node.clock(),
            clientLimits(node),
            node.metrics().map(Metrics::client).orElse(ClientMetrics.NONE));
    parts.push(buyer);
    client = buyer;
    TransferRecords records = new TransferRecords(engine, node.store());
    buyer.recordTransfers(records);
    TransferManager others =
        new TransferManager(
            host.id(),
            records,
            node.denied().served(node.blocks()),
            new PushedContent(node),
            TransferLimits.DEFAULT,
            workers,
            node.clock(),
            mode == Mode.SERVE);
    node.validators().forEach(others::validate);
    parts.push(others);
    manager = others;
    TransferDispatch dispatch = new TransferDispatch(host.id());
    dispatch.manager(others);
    dispatch.client(buyer.handler());
    if (mode != Mode.BUY) {
      ProviderService seller =
          new ProviderService(
              host,
              node.denied().served(node.blocks()),
              engine,
              node.store(),
              payments,
              node.prices(),
              limits(node.config().provider()),
              node.metrics().map(Metrics::provider).orElse(ProviderMetrics.NONE),
              node.clock());
      parts.push(seller);
      provider = seller;
      node.money().onCreditChanged(seller::changed);
      seller.deny(node.denied()::denies);
      dispatch.provider(seller);
      seller.recordTransfers(records);
      records.recover();
      seller.recover();
    } else {
      records.recover();
    }
    DataTransfer transfers = DataTransfer.start(host, GraphsyncConfig.defaults(), dispatch);
    parts.push(transfers);
    if (provider != null) {
      provider.serve(transfers);
    }
    buyer.attach(transfers);
    others.attach(transfers);
    measured(node);
    if (mode == Mode.SERVE) {
      node.sync().remember(new ReceiveRecords(engine, node.store()));
      new DsyncStreams(node.sync()).serve(host);
      new FollowStreams(
              node.syncs(),
              peer -> new Grants(node).caller(peer).filter(SyncCaller::push).isPresent())
          .serve(host);
      tellNeighbours(node);
    }
    bee = neighbourhood(node);
    host.onDisconnect(loss -> others.disconnected(loss.peer()));
    // A peer that gets through finds every protocol there.
    listen();
    BeeNeighbourhood swarm = bee;
    if (swarm != null) {
      swarm.pull(host, node.config().bee());
    }
    keepTime(node, payments);
    if (mode == Mode.SERVE) {
      pull(node);
      int woken = buyer.wakeAll();
      if (woken > 0) {
        LOG.info("{} deals go on", woken);
      }
    } else {
      buyer.sendUnanswered();
    }
  }

  /** Pulls from neighbours, and lets them ask for it, until the network is left. */
  private void pull(SluiceNode node) throws IOException {
    Syncs syncs = node.syncs();
    parts.push(syncs::rest);
    Optional<Metrics> metrics = node.metrics();
    Optional<NodeFigures> figures = metrics.map(all -> new NodeFigures(all, node));
    syncs.serve(
        host,
        node.hashing(),
        metrics.map(Metrics::pulling).orElse(PullMetrics.NONE),
        name -> figures.ifPresent(all -> all.showSync(name)));
  }

  /** Neighbours are told what comes here; the log of it is made when the first of them asks. */
  private void tellNeighbours(SluiceNode node) {
    NodeConfig.Neighbours rates = node.config().neighbours();
    PullsyncServer server =
        new PullsyncServer(
            new NeighbourContent(node),
            PullsyncLimits.DEFAULT.withRates(
                rates.blocksPerSecond(),
                rates.bytesPerSecond() == 0 ? Long.MAX_VALUE : rates.bytesPerSecond()),
            Ticker.SYSTEM,
            node.metrics().map(Metrics::neighbours).orElse(PullsyncMetrics.NONE));
    server.serve(host);
  }

  /** This node among nodes of Swarm, if it is one. */
  private @Nullable BeeNeighbourhood neighbourhood(SluiceNode node) throws IOException {
    if (mode != Mode.SERVE || !node.config().bee().enabled()) {
      return null;
    }
    BeeNeighbourhood swarm =
        BeeNeighbourhood.serve(host, node.home().directory(), node.config().bee(), node.clock());
    parts.push(swarm);
    return swarm;
  }

  /** Lets those measure who may. */
  private void measured(SluiceNode node) {
    Predicate<PeerId> allowed =
        switch (node.config().network().perf()) {
          case OFF -> peer -> false;
          case KNOWN -> node.peersFile()::names;
          case ALL -> peer -> true;
        };
    if (mode == Mode.SERVE && node.config().network().perf() != NodeConfig.PerfPeers.OFF) {
      new PerfServer(allowed, PerfServer.PerfLimits.DEFAULT, Ticker.SYSTEM).serve(host);
    }
  }

  private static ProviderLimits limits(NodeConfig.Selling selling) {
    return ProviderLimits.DEFAULT
        .withPaymentWait(selling.paymentWait())
        .with(new ProviderLimits.DealCounts(selling.dealsPerPeer(), selling.deals()))
        .with(
            new ProviderLimits.PeerRates(
                selling.proposals(), 2 * selling.proposals(), selling.queries()));
  }

  private static ClientLimits clientLimits(SluiceNode node) {
    ClientLimits standard = ClientLimits.DEFAULT;
    return new ClientLimits(
        standard.answer(),
        standard.stall(),
        standard.funds(),
        standard.firstTries(),
        standard.tries(),
        standard.pause(),
        standard.longestPause(),
        node.config().client().parked(),
        standard.outbox(),
        standard.progressBytes());
  }

  /**
   * Without the journal nothing can be promised any more: the process ends, the next one recovers.
   */
  private record Watch(SluiceNode node) implements EngineWatch {
    @Override
    public void fatal(Throwable cause) {
      LOG.error("the journal or the store failed; the node ends", cause);
      node.failed(cause);
    }
  }

  private void keepTime(SluiceNode node, Payments payments) throws IOException {
    TimedWork clock = new TimedWork();
    parts.push(clock::stop);
    clock.every(MONEY, "payments are out of step", () -> poll(node, payments));
    Optional<Duration> idle = node.config().autopilot().settleIdleAfter();
    if (idle.isPresent()) {
      ChannelEnds ends = new ChannelEnds(host, node.store(), payments.payer(), node.clock());
      clock.every(
          IDLE, "channels that are not used cannot be ended", () -> ends.endIdle(idle.get()));
    }
    TransferManager others = transfers();
    clock.every(TICK, "transfers are not looked after", others::tick);
    ProviderService seller = provider;
    if (seller != null) {
      clock.every(TICK, "a deal's waiting cannot be ended", seller::tick);
    }
    if (mode == Mode.SERVE) {
      clock.nowAndEvery(DAY, "the journal cannot be pruned", () -> prune(node));
      clock.nowAndEvery(HOUR, "old transfers cannot be ended", others::expire);
      clock.every(TICK, "pushes by dsync cannot be ended", node.sync()::expire);
      clock.every(NOTE, "the cursor of the block log cannot be noted", node.numbers()::note);
    }
  }

  private static void poll(SluiceNode node, Payments payments) {
    try {
      payments.poll();
    } catch (IOException e) {
      node.failed(e);
    }
  }

  /** Lets go of the history of deals that ended long ago. */
  private static void prune(SluiceNode node) throws IOException {
    int deleted =
        node.store()
            .prune(
                node.clock().instant(), node.config().retention(), Set.of(SyncTable.TABLE.name()));
    if (deleted > 0) {
      LOG.info("{} segments of the journal are older than wanted and gone", deleted);
    }
  }

  Host host() {
    return host;
  }

  /** Has a peer looked for at an address, too. */
  void remember(PeerId peer, Multiaddr address) {
    host.remember(peer, address);
  }

  /** Takes back what {@link #remember} said of a peer. */
  void forget(PeerId peer) {
    host.forget(peer);
  }

  /** The protocols that peers find here. */
  Set<String> protocols() {
    return host.protocols();
  }

  Mode mode() {
    return mode;
  }

  PriceQuery priceQuery() {
    return new PriceQuery(host);
  }

  /** The buying side, in every mode but {@link Mode#DIAL}. */
  DealClient client() {
    return Objects.requireNonNull(client, "joined to dial only");
  }

  /** The selling side, in {@link Mode#TEND} and {@link Mode#SERVE}. */
  ProviderService provider() {
    return Objects.requireNonNull(provider, "joined to buy only");
  }

  /** The transfers that are no deals, in every mode but {@link Mode#DIAL}. */
  TransferManager transfers() {
    return Objects.requireNonNull(manager, "joined to dial only");
  }

  /** Those, if this mode has them. */
  Optional<TransferManager> manager() {
    return Optional.ofNullable(manager);
  }

  /** How many chunks of Swarm are kept here. */
  int swarmChunks() {
    BeeNeighbourhood swarm = bee;
    return swarm == null ? 0 : swarm.count();
  }

  /** A peer is served nothing any more. */
  void shutOut(PeerId peer) {
    ProviderService seller = provider;
    if (seller != null) {
      seller.shutOut(peer);
    }
  }

  /** Clients' new deals are refused; those that run go on. */
  void admitNoMore() {
    ProviderService seller = provider;
    if (seller != null) {
      seller.admitNoMore();
    }
  }

  /** Waits until no transfer to a client is under way, at most so long. */
  void drain(Duration patience) {
    ProviderService seller = provider;
    long until = Ticker.SYSTEM.nanos() + patience.toNanos();
    try {
      while (seller != null && seller.running() > 0 && Ticker.SYSTEM.nanos() < until) {
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception e) { // whatever it is, the other parts are to be closed
        LOG.warn("while closing {}: {}", part.getClass().getSimpleName(), e.toString());
      }
    }
  }
}
