package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.DealStore;
import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.dealstore.journal.JournalSettings;
import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.EngineLimits;
import io.sluice.fsm.engine.EngineWatch;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderDeals;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.fsm.transfer.TransferTable;
import io.sluice.node.pricing.Catalogue;
import io.sluice.node.pricing.PriceList;
import io.sluice.node.pricing.PriceStore;
import io.sluice.node.provider.ProviderLimits;
import io.sluice.node.provider.ProviderMetrics;
import io.sluice.node.provider.ProviderService;
import io.sluice.node.transfer.TransferDispatch;
import io.sluice.node.transfer.TransferRecords;
import io.sluice.payments.home.Payments;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.embedded.EmbeddedLedger;
import io.sluice.payments.payee.PayeePolicy;
import io.sluice.payments.payer.PayerPolicy;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.graphsync.GraphsyncConfig;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.ForwardingBlockStore;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.TestHosts;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** A provider and a client with everything real but the network; either can crash and come back. */
final class Pair implements AutoCloseable {
  static final Tokens TOKENS = new Tokens(new Token("PLAY", EvmAddress.ZERO, 18), List.of());

  static final ClientLimits LIMITS =
      new ClientLimits(
          Duration.ofSeconds(4), // a request to a node that is just crashing is swallowed
          Duration.ofSeconds(4),
          Duration.ofSeconds(20),
          6,
          16,
          Duration.ofMillis(20),
          Duration.ofMillis(200),
          Duration.ofHours(24),
          Duration.ofDays(7),
          64 << 10);

  final TestHosts network = new TestHosts();
  final SecureRandom random = new SecureRandom();
  final Clock clock;
  private final Supplier<Alarms> alarms;
  final Path folder;
  private final ClientLimits limits;
  private final ClientMetrics metrics;
  final EmbeddedLedger ledger;
  final Payee payee;
  final TestDag dag;
  final Map<Cid, Long> sizes = new HashMap<>();
  final PriceList prices;
  final Node provider;
  final Node client;

  Pair(Path folder) throws IOException {
    this(folder, TestDag.of(7, 4, 25, 1_000));
  }

  Pair(Path folder, TestDag dag) throws IOException {
    this(folder, dag, LIMITS, ClientMetrics.NONE);
  }

  Pair(Path folder, TestDag dag, ClientLimits limits, ClientMetrics metrics) throws IOException {
    this(folder, dag, limits, metrics, Clock.systemUTC(), Alarms::ofThread);
  }

  Pair(
      Path folder,
      TestDag dag,
      ClientLimits limits,
      ClientMetrics metrics,
      Clock clock,
      Supplier<Alarms> alarms)
      throws IOException {
    this.folder = folder;
    this.clock = clock;
    this.alarms = alarms;
    this.dag = dag;
    this.limits = limits;
    this.metrics = metrics;
    this.ledger = EmbeddedLedger.open(folder.resolve("ledger"), clock, random);
    SigningKey key = SigningKey.generate(random);
    this.payee =
        new Payee(
            ledger.domain().chainId(),
            ledger.domain().contract(),
            EvmAddress.ZERO,
            key.address(),
            3_600,
            TokenAmount.of(1),
            0,
            Optional.of("PLAY"),
            Optional.of(0L));
    this.prices =
        PriceList.open(
            PriceStore.inMemory(),
            cid -> Optional.ofNullable(sizes.get(cid)).map(size -> new Catalogue.Listing(size, 1)),
            1_000,
            clock);
    this.provider = new Node("provider", key, dag.store(), List.of(payee));
    SigningKey payer = SigningKey.generate(random);
    this.client = new Node("client", payer, new MemoryBlockStore(), List.of());
    ledger.faucet(
        IntentId.random(random), EvmAddress.ZERO, payer.address(), TokenAmount.of(1_000_000_000));
    provider.start();
    client.start();
  }

  /** Makes an entry durable. */
  @FunctionalInterface
  interface DurableWrite {
    void run() throws IOException;
  }

  /** Stands between an engine and its journal. */
  @FunctionalInterface
  interface JournalTap {
    void append(JournalEntry entry, DurableWrite write) throws IOException;
  }

  /** The client's blocks, on a disk that is full once it was told to be. */
  static final class SmallDisk extends ForwardingBlockStore {
    private volatile long room = Long.MAX_VALUE;
    private volatile boolean breaks;
    private boolean hangs;

    SmallDisk(BlockStore blocks) {
      super(blocks);
    }

    synchronized void room(long bytes) {
      room = bytes;
      breaks = false;
      hangs = false;
      notifyAll();
    }

    /** After so many bytes it takes none any more and says nothing, until there is room. */
    synchronized void hangAfter(long bytes) {
      room = bytes;
      hangs = true;
    }

    /** After so many bytes it gives errors only, until it is told that there is room. */
    void breakAfter(long bytes) {
      room = bytes;
      breaks = true;
    }

    @Override
    public void put(Block block) throws IOException {
      synchronized (this) {
        while (hangs && block.size() > room) {
          try {
            wait();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        }
        if (block.size() > room) {
          throw breaks
              ? new IOException("input/output error")
              : new StorageFullException("no room for " + block.cid());
        }
        room -= block.size();
      }
      super.put(block);
    }

    @Override
    public void sync() throws IOException {
      if (breaks && room < 5_000) { // before the last blocks: some come that cannot be paid for
        throw new IOException("input/output error");
      }
      super.sync();
    }
  }

  /** When a node is to die. */
  private record Kill(Predicate<JournalEntry> at, boolean durable, CompletableFuture<Void> done) {}

  /** One home: what is on disk outlives {@link #crash}. */
  final class Node {
    final String name;
    final Host host;
    final SigningKey key;
    final MemoryBlockStore blocks;
    final SmallDisk disk;
    final List<Payee> payees;
    DealStore store;
    Engine engine;
    Payments payments;
    DealClient deals;
    ProviderService service;
    TransferRecords channels;
    PriceQuery priceQuery;
    private DataTransfer transfers;
    private ExecutorService workers;
    private volatile Optional<Kill> kill = Optional.empty();
    private volatile boolean dead;
    private MortalHost process;
    private volatile boolean polling;
    private Thread poller;
    private volatile JournalTap tap = (entry, write) -> write.run();

    Node(String name, SigningKey key, MemoryBlockStore blocks, List<Payee> payees) {
      this.name = name;
      this.host = network.host(name);
      this.key = key;
      this.blocks = blocks;
      this.disk = new SmallDisk(blocks);
      this.payees = payees;
    }

    void start() throws IOException {
      process = new MortalHost(host);
      store =
          DealStore.open(
              folder.resolve(name),
              KnownTables.of(ClientDeals.TABLE, ProviderDeals.TABLE, TransferTable.TABLE),
              JournalSettings.DEFAULT,
              cause -> {});
      workers = Executors.newVirtualThreadPerTaskExecutor();
      engine =
          new Engine(
              this::journal, store, clock, workers, new EngineWatch() {}, EngineLimits.DEFAULT);
      AtomicReference<ProviderService> here = new AtomicReference<>();
      payments =
          Payments.restore(
              new Payments.Setup(
                  Map.of(ledger.domain(), ledger),
                  Map.of(key.address(), key),
                  new PayerPolicy(
                      key.address(),
                      Map.of(ledger.domain(), Set.of(EvmAddress.ZERO)),
                      TokenAmount.of(1_000_000_000),
                      PayerPolicy.DEFAULT_MAX_CHALLENGE,
                      0,
                      PayerPolicy.DEFAULT_MAX_CONFIRMATIONS),
                  PayeePolicy.of(payees),
                  store,
                  clock,
                  random,
                  deal -> Optional.ofNullable(here.get()).ifPresent(s -> s.changed(deal))),
              store.payments());
      payments.start();
      polling = true;
      Payments money = payments;
      poller =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    while (polling) {
                      try {
                        money.poll();
                      } catch (IOException e) {
                        return;
                      }
                      LockSupport.parkNanos(20_000_000);
                    }
                  });
      TransferDispatch dispatch = new TransferDispatch(host.id());
      service =
          new ProviderService(
              process,
              blocks,
              engine,
              store,
              payments,
              prices,
              ProviderLimits.DEFAULT.with(new ProviderLimits.PeerRates(10_000, 10_000, 10_000)),
              ProviderMetrics.NONE,
              clock);
      here.set(service);
      deals =
          new DealClient(
              host.id(),
              engine,
              disk,
              store,
              payments.payer(),
              clock,
              alarms.get(),
              limits,
              metrics);
      channels = new TransferRecords(engine, store);
      service.recordTransfers(channels);
      deals.recordTransfers(channels);
      channels.recover();
      service.recover();
      dispatch.provider(service);
      dispatch.client(deals.handler());
      transfers = DataTransfer.start(process, GraphsyncConfig.defaults(), dispatch);
      service.serve(transfers);
      deals.attach(transfers);
      priceQuery = new PriceQuery(process);
    }

    private void journal(JournalEntry entry, StoredMachine after) throws IOException {
      Optional<Kill> now = kill.filter(planned -> planned.at().test(entry));
      if (now.isEmpty() || now.get().durable()) {
        tap.append(entry, () -> store.append(entry, after));
      }
      if (now.isPresent()) {
        kill = Optional.empty();
        network.block(provider.host, client.host);
        dead = true;
        process.die();
        store.close(); // other threads, too, cannot write any more
        now.get().done().complete(null);
        throw new IOException("killed by the test");
      }
    }

    /**
     * Has this node die at a journal entry: nothing is said or written any more.
     *
     * @param durable whether the entry is on disk by then
     * @return done when it has died, which leaves {@link #crash} to be called
     */
    CompletableFuture<Void> dieAt(boolean durable, Predicate<JournalEntry> at) {
      Kill planned = new Kill(at, durable, new CompletableFuture<>());
      kill = Optional.of(planned);
      return planned.done();
    }

    /** Has all that is journalled go through here, in this life and the next ones. */
    void tap(JournalTap through) {
      tap = through;
    }

    void stop() throws IOException {
      process.die();
      deals.close();
      service.close();
      transfers.close();
      engine.close();
      polling = false; // not interrupted: that would close the files under it
      try {
        poller.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      workers.shutdownNow();
      if (!dead) {
        store.close();
      }
      dead = false;
    }

    /** The process is gone and another one opens the home. */
    void crash() throws IOException {
      kill = Optional.empty();
      network.cut(provider.host, client.host);
      stop();
      network.unblock(provider.host, client.host);
      start();
    }
  }

  /** Waits for what other threads do. */
  static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "it did not come to that in 30 s");
      LockSupport.parkNanos(2_000_000);
    }
  }

  /** Puts the DAG up at a price. */
  void offer(Terms terms) throws IOException {
    offer(dag.root(), dag.bytes(), terms);
  }

  void offer(Cid root, long size, Terms terms) throws IOException {
    sizes.put(root, size);
    prices.set(Optional.of(root), terms);
  }

  Retrieval retrieval() {
    return retrieval(dag.root(), Optional.empty());
  }

  Retrieval retrieval(Cid root, Optional<TokenAmount> maxTotal) {
    return retrieval(provider.host, root, client.priceQuery, maxTotal);
  }

  /** All of some content from whoever is at that host. */
  Retrieval retrieval(Host from, Cid root, PriceQuery prices, Optional<TokenAmount> maxTotal) {
    return new Retrieval(
        client.deals,
        prices,
        client.payments.payer(),
        client.blocks,
        new Retrieval.RetrievalOrder(
            root,
            TestDag.ALL,
            List.of(from.addresses().getFirst().withPeer(from.id())),
            Optional.empty(),
            maxTotal,
            TOKENS),
        () -> {});
  }

  MachineView<ClientState, ClientDeal> atClient(MachineId deal) throws IOException {
    return client.deals.view(deal);
  }

  /** How a deal ended at the client. */
  DealOutcome outcome(MachineId deal) throws IOException {
    return atClient(deal).data().outcome().orElseThrow();
  }

  /**
   * A deal at the provider once it is completed there: the client is at its end as soon as its last
   * voucher is sent, which may be some time before that.
   */
  ProviderDeal completedAtProvider(long number) throws IOException {
    until(
        () -> {
          try {
            return provider
                .service
                .deals()
                .get(ProviderService.idOf(client.host.id(), number))
                .filter(view -> view.data().stateShown(view.state()).equals("COMPLETED"))
                .isPresent();
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    return atProvider(number);
  }

  ProviderDeal atProvider(long number) throws IOException {
    return provider
        .service
        .deals()
        .get(ProviderService.idOf(client.host.id(), number))
        .orElseThrow()
        .data();
  }

  @Override
  public void close() throws IOException {
    client.stop();
    provider.stop();
    ledger.close();
  }
}
