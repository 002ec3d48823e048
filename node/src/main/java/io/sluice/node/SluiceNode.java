package io.sluice.node;

import io.sluice.dealstore.DealStore;
import io.sluice.dealstore.blocks.BlockStoreConfig;
import io.sluice.dealstore.blocks.FileBlockStore;
import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.dealstore.journal.JournalSettings;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.engine.EngineWatch;
import io.sluice.fsm.provider.ProviderDeals;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.fsm.sync.ReceiveTable;
import io.sluice.fsm.sync.SyncTable;
import io.sluice.fsm.transfer.TransferTable;
import io.sluice.node.api.Faults;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.config.SyncSettings;
import io.sluice.node.content.Contents;
import io.sluice.node.content.DenyList;
import io.sluice.node.home.Home;
import io.sluice.node.home.HomeKeys;
import io.sluice.node.home.HomeLock;
import io.sluice.node.home.Passphrase;
import io.sluice.node.home.PeersFile;
import io.sluice.node.metrics.Metrics;
import io.sluice.node.output.RecentBlocks;
import io.sluice.node.pricing.PriceList;
import io.sluice.node.pullsync.Syncs;
import io.sluice.node.sync.AskingHooks;
import io.sluice.node.sync.SyncHooks;
import io.sluice.node.sync.SyncMetrics;
import io.sluice.node.sync.SyncService;
import io.sluice.node.transfer.TransferValidator;
import io.sluice.payments.home.Payments;
import io.sluice.payments.ledger.evm.RemoteSigner;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An opened home: everything in it, each part opened when it is first asked for, so that a command
 * waits only for what it needs. Whoever holds a node holds the home's lock.
 *
 * <p>Safe for use from many threads. {@link #close} leaves the network, and closes the other parts
 * in the reverse of the order in which they were opened.
 */
public final class SluiceNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SluiceNode.class);

  /** With less than this left on the disk, not even the books can be kept. */
  private static final long LEAST_FREE_BYTES = 16L << 20;

  /** How far the writer of a file may be behind its receiver. */
  private static final long RECENT_BYTES = 16L << 20;

  /** How long a question to a peer may keep others from doing more on the network. */
  private static final Duration NETWORK_PATIENCE = Duration.ofSeconds(10);

  /** Every machine there is, with its table; also what replays run through. */
  static final KnownTables TABLES =
      KnownTables.of(
          ClientDeals.TABLE,
          ProviderDeals.TABLE,
          TransferTable.TABLE,
          ReceiveTable.TABLE,
          SyncTable.TABLE);

  private final Home home;
  private final NodeConfig config;
  private final Clock clock;
  private final HomeKeys keys;
  private final SecureRandom random = new SecureRandom();
  private final HomeMoney money;
  private final HomeBlockLog numbers = new HomeBlockLog(this);
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final SharedNetwork network = new SharedNetwork(this);
  private final PeersFile peersFile;

  private volatile Consumer<Throwable> failure = cause -> LOG.error("the home cannot go on", cause);

  /** Who judges transfers that are no deals, by type of voucher. */
  private volatile Map<String, TransferValidator> validators = Map.of();

  private volatile SyncHooks hooks = SyncHooks.NONE;

  /** Nobody reads what a single command counts. */
  private volatile Optional<Metrics> metrics = Optional.empty();

  /** Imports share it, giving room back has it alone: an import counts on blocks it finds here. */
  private final PulledBytes pulledBytes = new PulledBytes(this);

  private final ReadWriteLock bringingIn = new ReentrantReadWriteLock();

  private @Nullable DealStore store;
  private @Nullable Contents contents;
  private @Nullable FileBlockStore blocks;
  private @Nullable RecentBlocks recentBlocks;
  private @Nullable PriceList prices;
  private @Nullable OfferedContent offered;
  private @Nullable DenyList denied;
  private @Nullable SyncService sync;
  private @Nullable Syncs syncs;
  private @Nullable ReadableContent readable;
  private @Nullable BeneathRoots beneathRoots;
  private @Nullable WithdrawnBlocks withdrawnBlocks;

  private @Nullable ExecutorService hashing;

  private boolean full;

  private SluiceNode(
      Home home, NodeConfig config, Passphrase passphrase, HomeLock lock, Clock clock) {
    this.home = home;
    this.config = config;
    Optional<RemoteSigner> signer =
        config.remoteKeys().map(at -> new RemoteSigner(at.uri(), at.account(), at.time()));
    this.keys = new HomeKeys(home, config.scryptN(), passphrase, signer);
    this.clock = clock;
    this.money = new HomeMoney(this);
    this.peersFile = new PeersFile(home.peers());
    opened.push(lock);
    signer.ifPresent(opened::push);
  }

  /**
   * Opens a home whose lock was taken; the node lets go of it in the end.
   *
   * @throws ServiceException {@code NO_HOME}, {@code BAD_PERMISSIONS}; the lock is then released
   */
  public static SluiceNode open(
      Home home, NodeConfig config, Passphrase passphrase, HomeLock lock, Clock clock)
      throws ServiceException {
    SluiceNode node = new SluiceNode(home, config, passphrase, lock, clock);
    try {
      home.check();
      long free = Files.getFileStore(home.directory()).getUsableSpace();
      // Then it can still be looked at; what has to write is refused by requireRoom().
      node.full = free < LEAST_FREE_BYTES;
      return node;
    } catch (IOException e) {
      node.close();
      throw Faults.of(e, "the home " + home.directory() + " cannot be opened");
    } catch (ServiceException e) {
      node.close();
      throw e;
    }
  }

  Home home() {
    return home;
  }

  NodeConfig config() {
    return config;
  }

  Clock clock() {
    return clock;
  }

  PeersFile peersFile() {
    return peersFile;
  }

  SecureRandom random() {
    return random;
  }

  synchronized DealStore store() throws IOException {
    if (store == null) {
      store =
          keep(
              full
                  ? DealStore.openToRead(home.store(), TABLES)
                  : DealStore.open(home.store(), TABLES, JournalSettings.DEFAULT, SluiceNode::end));
    }
    return store;
  }

  /** Nothing that was decided could be kept any more: whoever waits would wait for ever. */
  @SuppressWarnings("SystemOut") // a log may need memory that is not there
  private static void end(Throwable cause) {
    try {
      System.err.println(
          "sluice: the store's thread failed (" + cause + "); the next start recovers");
      LOG.error("the process ends", cause);
    } finally {
      Runtime.getRuntime().halt(DealCode.INTERNAL.exit());
    }
  }

  /** Whether nothing can be written, on a disk that is full. */
  boolean isFull() {
    return full;
  }

  /**
   * Refuses what has to write, on a disk that is full.
   *
   * @throws ServiceException {@code STORAGE_FULL}
   */
  void requireRoom() throws ServiceException {
    if (full) {
      throw new ServiceException(
          DealCode.STORAGE_FULL,
          "%s has less than %d bytes left; make room first"
              .formatted(home.directory(), LEAST_FREE_BYTES));
    }
  }

  synchronized FileBlockStore blocks() throws IOException {
    if (blocks == null) {
      BlockStoreConfig standard = BlockStoreConfig.DEFAULT;
      blocks =
          keep(
              FileBlockStore.open(
                  home.blocks(),
                  new BlockStoreConfig(
                      standard.fileBytes(), standard.fileBlocks(), config.freeBytes())));
    }
    return blocks;
  }

  /** The blocks, as those see them who receive some: what came last is at hand. */
  synchronized RecentBlocks recentBlocks() throws IOException {
    if (recentBlocks == null) {
      recentBlocks = new RecentBlocks(blocks(), RECENT_BYTES);
    }
    return recentBlocks;
  }

  /** As {@link HomeBlockLog#opened}. */
  BlockLog log() throws IOException {
    return numbers.opened();
  }

  /** As {@link HomeBlockLog#known}. */
  Optional<BlockLog> knownLog() throws IOException {
    return numbers.known();
  }

  /** What came to this home, numbered. */
  HomeBlockLog numbers() {
    return numbers;
  }

  PulledBytes pulledBytes() {
    return pulledBytes;
  }

  /** Shared by whoever brings content in, until it is listed; {@code gc} has it alone. */
  ReadWriteLock bringingIn() {
    return bringingIn;
  }

  synchronized Contents contents() throws IOException {
    if (contents == null) {
      contents = new Contents(store(), this::knownLog);
    }
    return contents;
  }

  synchronized PriceList prices() throws IOException {
    if (prices == null) {
      prices =
          PriceList.open(
              store(), config.tokens().paidIn(), offered(), config.provider().minInterval(), clock);
    }
    return prices;
  }

  synchronized OfferedContent offered() throws IOException {
    if (offered == null) {
      offered = new OfferedContent(store(), contents(), this::blocks);
    }
    return offered;
  }

  synchronized DenyList denied() throws IOException {
    if (denied == null) {
      denied = new DenyList(store());
    }
    return denied;
  }

  /** The answering side of dsync. */
  synchronized SyncService sync() {
    if (sync == null) {
      sync =
          new SyncService(
              new SyncedContent(this),
              syncHooks(config.sync()),
              config.sync().limits(),
              hashing(),
              clock,
              random,
              metrics.map(Metrics::sync).orElse(SyncMetrics.NONE));
    }
    return sync;
  }

  /** The neighbours that are pulled from. */
  synchronized Syncs syncs() throws IOException {
    if (syncs == null) {
      blocks(); // closed after them
      syncs =
          keep(
              new Syncs(
                  new PulledContent(this),
                  store(),
                  store(),
                  clock,
                  random,
                  new EngineWatch() {
                    @Override
                    public void fatal(Throwable cause) {
                      failed(cause);
                    }
                  },
                  config.neighbours().pulledBytesPerSecond()));
    }
    return syncs;
  }

  /** What is cheap to ask is asked first. */
  private SyncHooks syncHooks(SyncSettings settings) {
    List<SyncHooks> all = new ArrayList<>();
    all.add(settings.lists());
    settings.asking().ifPresent(asking -> all.add(keep(AskingHooks.of(asking, Ticker.SYSTEM))));
    all.add(hooks);
    return SyncHooks.all(all);
  }

  /** Blocks of pushes under way that may be here without those above them. */
  synchronized Set<Cid> pushedBlocks() {
    return sync == null ? Set.of() : sync.held();
  }

  synchronized ReadableContent readable() throws IOException {
    if (readable == null) {
      readable =
          new ReadableContent(contents(), prices(), denied(), beneathRoots(), config.tokens());
    }
    return readable;
  }

  synchronized BeneathRoots beneathRoots() throws IOException {
    if (beneathRoots == null) {
      beneathRoots = new BeneathRoots(blocks(), blocks()::blocks);
    }
    return beneathRoots;
  }

  synchronized WithdrawnBlocks withdrawnBlocks() throws IOException {
    if (withdrawnBlocks == null) {
      withdrawnBlocks = new WithdrawnBlocks(contents(), offered(), beneathRoots(), Ticker.SYSTEM);
    }
    return withdrawnBlocks;
  }

  synchronized ExecutorService hashing() {
    if (hashing == null) {
      ExecutorService pool =
          Executors.newFixedThreadPool(
              Runtime.getRuntime().availableProcessors(),
              Thread.ofPlatform().name("hashing-", 0).daemon().factory());
      hashing = pool;
      opened.push(pool::shutdownNow);
    }
    return hashing;
  }

  /** What of the home is locked. */
  HomeKeys keys() {
    return keys;
  }

  /** As {@link HomeKeys#unlock}. */
  void unlock() throws IOException, ServiceException {
    keys.unlock();
  }

  /** The same on its ledger. */
  HomeMoney money() {
    return money;
  }

  /** As {@link HomeMoney#payments}. */
  Payments payments() throws IOException, ServiceException {
    return money.payments();
  }

  /** Who ends the process when what is on disk cannot be relied on any more. */
  void onFailure(Consumer<Throwable> listener) {
    failure = listener;
  }

  void failed(Throwable cause) {
    failure.accept(cause);
  }

  /** Where to count; to be said before the network is joined. */
  void countedBy(Metrics by) {
    metrics = Optional.of(by);
  }

  /** Who judges transfers that are no deals; to be said before the network is joined. */
  void judgedBy(Map<String, TransferValidator> byType) {
    validators = Map.copyOf(byType);
  }

  /** Who is asked about pushes and reads by dsync; to be said before the network is joined. */
  void hookedBy(SyncHooks by) {
    hooks = by;
  }

  Map<String, TransferValidator> validators() {
    return validators;
  }

  Optional<Metrics> metrics() {
    return metrics;
  }

  /** The network of this home; joined by whoever first asks for a use of it. */
  SharedNetwork network() {
    return network;
  }

  /** The network, if it was joined. */
  Optional<Network> joined() {
    return network.joined();
  }

  /**
   * A use of the network, which is joined for it if it has to be.
   *
   * @param mode what this node does there at least
   * @throws ServiceException among others {@code HOME_IN_USE} if others use it for less
   */
  SharedNetwork.NetworkUse network(Network.Mode mode)
      throws IOException, ServiceException, InterruptedException {
    return network.use(mode, NETWORK_PATIENCE);
  }

  /** Has a part closed with the node, before those that were opened before it. */
  synchronized <T extends AutoCloseable> T keep(T part) {
    opened.push(part);
    return part;
  }

  /** Closes everything. Never throws: what fails is logged, and the rest is closed still. */
  @Override
  public void close() {
    network.close(); // peers ask for all the others
    while (true) {
      AutoCloseable part;
      synchronized (this) {
        if (opened.isEmpty()) {
          return;
        }
        part = opened.pop();
      }
      try {
        part.close();
      } catch (Exception e) { // whatever it is, the other parts are to be closed
        LOG.warn("while closing {}: {}", part.getClass().getSimpleName(), e.toString());
        LOG.debug("the trace", e);
      }
    }
  }
}
