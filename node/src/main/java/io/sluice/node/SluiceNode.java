package io.sluice.node;

import io.sluice.dealstore.DealStore;
import io.sluice.dealstore.blocks.BlockLog;
import io.sluice.dealstore.blocks.BlockStoreConfig;
import io.sluice.dealstore.blocks.FileBlockStore;
import io.sluice.dealstore.journal.JournalSettings;
import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.engine.EngineWatch;
import io.sluice.fsm.provider.ProviderDeals;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.fsm.sync.ReceiveTable;
import io.sluice.fsm.sync.SyncTable;
import io.sluice.fsm.transfer.TransferTable;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Faults;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.ChainSettings;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.config.SyncSettings;
import io.sluice.node.output.RecentBlocks;
import io.sluice.node.pricing.PriceList;
import io.sluice.node.pullsync.Syncs;
import io.sluice.node.sync.AskingHooks;
import io.sluice.node.sync.SyncHooks;
import io.sluice.node.sync.SyncMetrics;
import io.sluice.node.sync.SyncService;
import io.sluice.node.transfer.TransferValidator;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.home.Payments;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.WrongLedgerException;
import io.sluice.payments.ledger.embedded.EmbeddedLedger;
import io.sluice.payments.ledger.evm.EvmLedger;
import io.sluice.payments.ledger.evm.OutboxMoment;
import io.sluice.payments.ledger.evm.RemoteSigner;
import io.sluice.payments.ledger.evm.TokenFacts;
import io.sluice.payments.payee.PayeePolicy;
import io.sluice.payments.payer.PayerPolicy;
import io.sluice.payments.voucher.AccountSigner;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Signature;
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
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final SharedNetwork network = new SharedNetwork(this);
  private final PeersFile peersFile;

  /** Who hears of credit that changed: the provider, once it serves. */
  private volatile Consumer<DealRef> creditChanged = deal -> {};

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
  private @Nullable BlockLog log;
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

  /** What was paid and taken, between {@link #ledger} and {@link #payments}. */
  private @Nullable List<PaymentRecord> records;

  private @Nullable ChannelLedger ledger;
  private @Nullable Payments payments;
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

  /**
   * What came to this home, numbered. Made by the first call, and kept from then on; in step with
   * the list of contents.
   */
  synchronized BlockLog log() throws IOException {
    if (log == null) {
      NotedNumbers noted = new NotedNumbers(store());
      BlockLog opened = blocks().log();
      if (noted.isAhead(opened)) {
        LOG.warn(
            "the block log is an old copy that was put back: neighbours will compare everything"
                + " again");
        opened.renew();
      }
      contents().agree(opened, clock.instant());
      log = opened;
      var unused = keep((AutoCloseable) this::noteLastNumbers);
    }
    return log;
  }

  private void noteLastNumbers() throws IOException {
    blocks().sync(); // what came last gets its numbers by this
    noteNumbers();
  }

  /** Notes how far the block log is, if it is open. */
  void noteNumbers() throws IOException {
    BlockLog known;
    synchronized (this) {
      known = log;
    }
    if (known != null && !full) {
      new NotedNumbers(store()).note(known);
    }
  }

  /** The same, if this home has one. */
  synchronized Optional<BlockLog> knownLog() throws IOException {
    return FileBlockStore.hasLog(home.blocks()) ? Optional.of(log()) : Optional.empty();
  }

  /**
   * What came and may be of neighbours, and whose root is not listed yet: {@code gc} keeps it.
   * {@code Long.MAX_VALUE} is its first number without syncs.
   */
  UnclaimedBlocks unclaimed() throws IOException {
    long from = Syncs.unclaimed(store());
    return from == Long.MAX_VALUE
        ? new UnclaimedBlocks(from, 0)
        : UnclaimedBlocks.from(from, log(), beneathRoots());
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
              new StoredPrices(store()), offered(), config.provider().minInterval(), clock);
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

  synchronized ChannelLedger ledger() throws IOException {
    if (ledger == null) {
      Set<Domain> traded = Payments.ledgersOf(records());
      ChannelLedger found =
          config.chain().isPresent() ? chainLedger(config.chain().get()) : fileLedger(traded);
      Payments.requireTheirs(traded, Map.of(found.domain(), found));
      ledger = found;
    }
    return ledger;
  }

  private EmbeddedLedger fileLedger(Set<Domain> traded) throws IOException {
    Optional<Domain> here =
        traded.stream().filter(each -> each.chainId() == EmbeddedLedger.CHAIN_ID).findFirst();
    // Where there is none, a new one is made: not in place of one that has this home's money.
    if (here.isPresent() && !Files.exists(config.ledger())) {
      throw new WrongLedgerException(config.ledger() + " is missing", here.get());
    }
    return keep(EmbeddedLedger.open(config.ledger(), clock, random));
  }

  private EvmLedger chainLedger(ChainSettings chain) throws IOException {
    return keep(
        EvmLedger.open(
            chain.ledger(home.outbox(chain.domain())),
            this::sign,
            clock,
            Ticker.SYSTEM,
            moment -> crashPoint(moment).reached()));
  }

  private static CrashPoint crashPoint(OutboxMoment moment) {
    return switch (moment) {
      case KEPT -> CrashPoint.TRANSACTION_KEPT;
      case SENT -> CrashPoint.TRANSACTION_SENT;
      case INCLUDED -> CrashPoint.TRANSACTION_INCLUDED;
      case FINAL -> CrashPoint.TRANSACTION_FINAL;
    };
  }

  /** A transaction's signature, by a key that was unlocked. */
  Signature sign(EvmAddress account, byte[] transaction) throws IOException {
    AccountSigner signer = keys.unlocked().get(account);
    if (signer == null) {
      throw new IOException("the key of " + account + " is locked");
    }
    return signer.signTransaction(transaction);
  }

  /**
   * The ledger in a file, whose time and money anybody may change.
   *
   * @throws ServiceException {@code USAGE} if this home's ledger is a chain
   */
  EmbeddedLedger playLedger() throws IOException, ServiceException {
    if (ledger() instanceof EmbeddedLedger embedded) {
      return embedded;
    }
    throw new ServiceException(
        ErrorCode.USAGE, "only the embedded ledger can do that; this home is on " + ledger());
  }

  /** What this home pays and is paid in. */
  EvmAddress token() {
    return config.chain().map(ChainSettings::token).orElse(EvmAddress.ZERO);
  }

  private List<PaymentRecord> records() throws IOException {
    if (records == null) {
      records = store().payments();
    }
    return records;
  }

  /** What of the home is locked. */
  HomeKeys keys() {
    return keys;
  }

  /** As {@link HomeKeys#unlock}. */
  void unlock() throws IOException, ServiceException {
    keys.unlock();
  }

  /** This home's money, in step with the ledger. */
  synchronized Payments payments() throws IOException, ServiceException {
    if (payments == null) {
      if (config.chain().isPresent()) {
        unlock(); // a chain takes nothing that is not signed
      }
      EvmAddress account = keys.account();
      Domain domain = ledger().domain();
      List<PaymentRecord> known = records();
      records = null; // from now on more come
      Payments restored =
          Payments.restore(
              new Payments.Setup(
                  Map.of(domain, ledger()),
                  keys.unlocked(),
                  new PayerPolicy(
                      account,
                      Map.of(domain, Set.of(token())),
                      config.payments().maxDeposit(),
                      config.payments().maxChallenge(),
                      config.payments().confirmations(),
                      config.payments().maxConfirmations()),
                  payeePolicy(domain, account),
                  store(),
                  clock,
                  random,
                  deal -> creditChanged.accept(deal),
                  config.autopilot()),
              known);
      restored.start();
      payments = restored;
    }
    return payments;
  }

  /** How what is paid in is shown; empty if the token cannot be asked now. */
  private Optional<TokenFacts> unit() throws IOException {
    if (!token().isZero() && ledger() instanceof EvmLedger evm) {
      try {
        return Optional.of(evm.token(token()));
      } catch (IOException e) {
        LOG.warn("the token {} cannot be asked: {}", token(), e.toString());
        return Optional.empty();
      }
    }
    return Optional.of(new TokenFacts(ledger().facts().symbol(), ledger().facts().decimals()));
  }

  private PayeePolicy payeePolicy(Domain domain, EvmAddress account) throws IOException {
    Optional<TokenFacts> unit = unit();
    PayeePolicy standard =
        PayeePolicy.of(
            List.of(
                new Payee(
                    domain.chainId(),
                    domain.contract(),
                    token(),
                    account,
                    config.payments().minChallenge().toSeconds(),
                    config.payments().minDeposit(),
                    config.payments().confirmations(),
                    unit.map(TokenFacts::symbol),
                    unit.map(facts -> (long) facts.decimals()))));
    return new PayeePolicy(
        standard.payees(),
        standard.payerUnpaidBytes(),
        standard.nodeUnpaidBytes(),
        standard.minimumStep(),
        config.payments().minimumRedemption(),
        config.payments().maxUnredeemedAge(),
        config.payments().maxUnredeemed(),
        standard.staleAfter(),
        standard.maxLanes(),
        standard.maxChannels());
  }

  /** Who hears of credit that changed. */
  void onCreditChanged(Consumer<DealRef> listener) {
    creditChanged = listener;
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

  private <T extends AutoCloseable> T keep(T part) {
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
