package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MemoryJournal;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.EngineLimits;
import io.sluice.fsm.engine.EngineWatch;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderDeals;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.node.pricing.Catalogue;
import io.sluice.node.pricing.PriceList;
import io.sluice.node.pricing.PriceStore;
import io.sluice.node.transfer.TransferDispatch;
import io.sluice.node.transfer.TransferRecords;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.home.Payments;
import io.sluice.payments.ledger.embedded.EmbeddedLedger;
import io.sluice.payments.payee.PayeePolicy;
import io.sluice.payments.payer.PayerPolicy;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.graphsync.GraphsyncConfig;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.TestHosts;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A provider with everything real but the network, the blocks' disk and the clock: a DAG of 40
 * leaves of 250 bytes, one unit a byte, windows of 1,000 bytes.
 */
final class Market implements AutoCloseable {

  static final Terms TERMS = terms(0);
  static final Duration PATIENCE = Duration.ofSeconds(30);

  final TestHosts network = new TestHosts();
  final Host host = network.host("provider");
  final TurnedClock clock = new TurnedClock();
  final TestDag dag = TestDag.of(7, 4, 10, 250);
  final SecureRandom random = new SecureRandom();
  final EmbeddedLedger ledger;
  final Payee payee;
  final Counts counts = new Counts();
  final List<PaymentRecord> moneyJournal = new ArrayList<>();
  final PriceList prices;
  private final SigningKey key = SigningKey.generate(random);
  private final ProviderLimits limits;
  private final TokenAmount minimumStep;
  MemoryJournal journal = new MemoryJournal();
  Payments payments;
  ProviderService provider;
  private Engine engine;
  private ExecutorService workers;
  private DataTransfer transfers;

  static Terms terms(long fee) {
    return new Terms(TokenAmount.of(1 << 20), TokenAmount.of(fee), 1000, 0, 1000, 600);
  }

  Market(Path folder) throws IOException {
    this(
        folder,
        ProviderLimits.DEFAULT.with(new ProviderLimits.PeerRates(1000, 1000, 1000)),
        TokenAmount.ZERO);
  }

  Market(Path folder, ProviderLimits limits, TokenAmount minimumStep) throws IOException {
    this.limits = limits;
    this.minimumStep = minimumStep;
    this.ledger = EmbeddedLedger.open(folder.resolve("ledger"), clock, random);
    this.payee =
        new Payee(
            ledger.domain().chainId(),
            ledger.domain().contract(),
            EvmAddress.ZERO,
            key.address(),
            60,
            TokenAmount.of(100),
            0,
            Optional.of("PLAY"),
            Optional.of(0L));
    this.prices =
        PriceList.open(
            PriceStore.inMemory(),
            cid ->
                cid.equals(dag.root())
                    ? Optional.of(new Catalogue.Listing(dag.bytes(), 45))
                    : Optional.empty(),
            1000,
            clock);
    start();
  }

  private void start() throws IOException {
    workers = Executors.newVirtualThreadPerTaskExecutor();
    engine =
        new Engine(
            journal,
            journal,
            clock,
            workers,
            new EngineWatch() {},
            new EngineLimits(2, 256, Duration.ofSeconds(5)));
    AtomicReference<ProviderService> here = new AtomicReference<>();
    payments =
        Payments.restore(
            new Payments.Setup(
                Map.of(ledger.domain(), ledger),
                Map.of(key.address(), key),
                new PayerPolicy(
                    key.address(),
                    Map.of(ledger.domain(), Set.of(EvmAddress.ZERO)),
                    TokenAmount.of(1_000_000),
                    PayerPolicy.DEFAULT_MAX_CHALLENGE,
                    0,
                    PayerPolicy.DEFAULT_MAX_CONFIRMATIONS),
                new PayeePolicy(
                    List.of(payee),
                    64L << 20,
                    1L << 30,
                    minimumStep,
                    TokenAmount.of(1),
                    Duration.ofHours(24),
                    TokenAmount.of(1_000_000),
                    Duration.ofDays(365),
                    100,
                    16),
                record -> {
                  synchronized (moneyJournal) {
                    moneyJournal.add(record);
                  }
                },
                clock,
                random,
                deal -> {
                  ProviderService service = here.get();
                  if (service != null) {
                    service.changed(deal);
                  }
                }),
            records());
    payments.start();
    provider =
        new ProviderService(
            host, dag.store(), engine, journal, payments, prices, limits, counts, clock);
    here.set(provider);
    provider.recover();
    TransferDispatch dispatch = new TransferDispatch(host.id());
    dispatch.provider(provider);
    transfers = DataTransfer.start(host, GraphsyncConfig.defaults(), dispatch);
    provider.serve(transfers);
  }

  /**
   * All that payments wrote, and what deals carried for them: the order within a channel is kept.
   */
  private List<PaymentRecord> records() {
    List<PaymentRecord> records = new ArrayList<>();
    for (JournalEntry entry : journal.entries()) {
      entry.attachments().forEach(a -> records.add(PaymentRecord.of(a.kind(), a.value())));
    }
    synchronized (moneyJournal) {
      records.addAll(moneyJournal);
    }
    return records;
  }

  /** The process ends and another begins on the same journal; peers notice a lost connection. */
  void crash(Client... clients) throws IOException {
    engine.close();
    workers.shutdownNow();
    provider.close();
    transfers.close();
    for (Client client : clients) {
      network.cut(host, client.host);
    }
    journal = journal.reopened(ProviderDeals.TABLE);
    start();
  }

  /** From now on the course of transfer channels is recorded. */
  TransferRecords recordTransfers() {
    TransferRecords records = new TransferRecords(engine, journal);
    provider.recordTransfers(records);
    return records;
  }

  Client client(String name) throws IOException {
    return new Client(this, name, SigningKey.generate(random));
  }

  Client client(String name, SigningKey payer) throws IOException {
    return new Client(this, name, payer);
  }

  Optional<MachineView<ProviderState, ProviderDeal>> deal(Client client, long number) {
    try {
      return provider.deals().get(ProviderService.idOf(client.host.id(), number));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  ProviderDeal awaitDeal(Client client, long number, ProviderState state) {
    return awaitDeal(client, number, state.name());
  }

  /** The state as users read it. */
  ProviderDeal awaitDeal(Client client, long number, String state) {
    until(
        () -> {
          provider.tick();
          return deal(client, number)
              .filter(view -> view.data().stateShown(view.state()).equals(state))
              .isPresent();
        },
        () -> "deal " + number + " is " + state + ", not " + deal(client, number));
    return deal(client, number).orElseThrow().data();
  }

  /** The reason under which a proposal of that deal was recorded as refused. */
  ProviderDeal awaitRefused(Client client, long number) {
    MachineId id =
        new MachineId(ProviderService.idOf(client.host.id(), number).value() + "-refused-1");
    until(
        () -> {
          try {
            return provider
                .deals()
                .get(id)
                .filter(view -> view.data().stateShown(view.state()).equals("REFUSED"))
                .isPresent();
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        },
        () -> "no refusal of deal " + number);
    try {
      return provider.deals().get(id).orElseThrow().data();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  void price(Cid cid, Terms terms) throws IOException {
    prices.set(Optional.of(cid), terms);
  }

  /** Turns the clock and lets the provider notice. */
  void pass(Duration time) {
    clock.turn(time);
    provider.tick();
  }

  /** A refusal was counted by that name, and commands end with the exit code it stands for. */
  void assertKnown(String code) {
    until(() -> counts.refusals(code) > 0, () -> code + " was not counted");
    assertNotEquals(0, DealCode.valueOf(code).exit());
  }

  static void until(BooleanSupplier condition, Supplier<String> what) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("it did not come to that: " + what.get());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }

  @Override
  public void close() throws IOException {
    transfers.close();
    engine.close();
    workers.shutdownNow();
    provider.close();
    ledger.close();
  }
}
