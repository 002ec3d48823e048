package io.sluice.cli.bench;

import static io.sluice.fsm.client.ClientEvent.ACCEPTED;
import static io.sluice.fsm.client.ClientEvent.ALL_VERIFIED;
import static io.sluice.fsm.client.ClientEvent.FINAL_SENT;
import static io.sluice.fsm.client.ClientEvent.FREE;
import static io.sluice.fsm.client.ClientEvent.PROGRESS;

import io.sluice.dealstore.DealStore;
import io.sluice.dealstore.journal.JournalSettings;
import io.sluice.fsm.EventType;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientInput.At;
import io.sluice.fsm.client.ClientInput.Verified;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.client.DealOrder;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.EngineLimits;
import io.sluice.fsm.engine.EngineWatch;
import io.sluice.fsm.engine.Machines;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * {@code bench store}: the lives of clients' deals told to the engine, with a home's store behind
 * it and nothing of a network: what is left is to decide, to make durable and to keep. Beside it
 * stands a file that is synced after each record.
 */
final class StoreBench {
  private static final KnownTables TABLES = KnownTables.of(ClientDeals.TABLE);

  /** What is written of a deal: its start and what follows in {@link #live}. */
  private static final int RECORDS = 6;

  private static final long CONTENT = 4096;

  private final int deals;
  private final int atOnce;
  private final Path folder;
  private final DealOrder order;

  private StoreBench(int deals, int atOnce, Path folder) {
    this.deals = deals;
    this.atOnce = atOnce;
    this.folder = folder;
    this.order =
        new DealOrder(
            PeerId.ofPublicKey("a provider".getBytes(StandardCharsets.UTF_8)),
            List.of(),
            Cid.sha2_256(Codec.RAW, ByteBuffer.wrap("content".getBytes(StandardCharsets.UTF_8))),
            Node.ofNull(),
            Optional.empty(),
            TokenAmount.ZERO);
  }

  /** Does it with so many deals, on that stage's disk. */
  static StoreReport run(int deals, int atOnce, Path folder, Consumer<String> say)
      throws Exception {
    StoreBench bench = new StoreBench(deals, atOnce, Files.createDirectory(folder));
    say.accept("syncing records one by one");
    double alone = SmallSteps.durableAppends(folder.resolve("appended"));
    double empty = bench.openMillis(); // the first time, the classes of it are loaded, too
    empty = Math.min(empty, bench.openMillis());
    say.accept("%d deals, %d at once".formatted(deals, atOnce));
    DealTimes times = bench.live();
    say.accept("opening the store again");
    DealsReport.Load all = times.load();
    return new StoreReport(
        atOnce,
        RECORDS,
        all,
        times.tenths(),
        bench.bytes() / deals,
        bench.openMillis(),
        empty,
        Figures.rounded(alone),
        Figures.rounded(all.perSecond() * RECORDS / alone));
  }

  private Path store() {
    return folder.resolve("store");
  }

  private DealStore open() throws IOException {
    return DealStore.open(
        store(),
        TABLES,
        JournalSettings.DEFAULT,
        cause -> {
          throw new IllegalStateException("the store has failed", cause);
        });
  }

  private double openMillis() throws IOException {
    long began = Ticker.SYSTEM.nanos();
    open().close();
    return Figures.rounded((Ticker.SYSTEM.nanos() - began) / 1e6);
  }

  private DealTimes live() throws Exception {
    DealTimes times = new DealTimes(deals);
    AtomicInteger next = new AtomicInteger();
    try (DealStore store = open();
        ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
        Engine engine =
            new Engine(
                store,
                store,
                Clock.systemUTC(),
                workers,
                new EngineWatch() {},
                EngineLimits.DEFAULT)) {
      Machines<ClientState, ClientDeal, ClientInput> machines =
          engine.machines(ClientDeals.TABLE, Map.of());
      List<Future<Void>> all = new ArrayList<>();
      for (int i = 0; i < atOnce; i++) {
        all.add(
            workers.submit(
                () -> {
                  for (int n = next.getAndIncrement(); n < deals; n = next.getAndIncrement()) {
                    long began = Ticker.SYSTEM.nanos();
                    new DealLife(machines, n + 1).live(order);
                    times.note(n, began, Ticker.SYSTEM.nanos());
                  }
                  return null;
                }));
      }
      for (Future<Void> each : all) {
        each.get();
      }
    }
    return times;
  }

  /** One deal, each of whose events is durable before the next. */
  private record DealLife(Machines<ClientState, ClientDeal, ClientInput> machines, long number) {
    void live(DealOrder order) throws Exception {
      ClientDeal deal =
          ClientDeal.decided(number, order, LeftOut.of(Exclusions.NONE), number, now());
      machines.start(id(), deal).get();
      happens(FREE, new At(now()));
      happens(ACCEPTED, new At(now()));
      happens(PROGRESS, new Verified(now(), 0, CONTENT, 1));
      happens(ALL_VERIFIED, new Verified(now(), 0, CONTENT, 1));
      happens(FINAL_SENT, new At(now()));
    }

    private <X extends ClientInput> void happens(EventType<X> event, X input) throws Exception {
      machines.send(id(), event, input).get();
    }

    private MachineId id() {
      return new MachineId("c-" + number);
    }

    private static Instant now() {
      return Clock.systemUTC().instant();
    }
  }

  /** What all files of the store hold. */
  private long bytes() throws IOException {
    long sum = 0;
    try (Stream<Path> files = Files.walk(store())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        sum += Files.size(file);
      }
    }
    return sum;
  }
}
