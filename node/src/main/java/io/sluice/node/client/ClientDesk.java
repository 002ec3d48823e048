package io.sluice.node.client;

import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MachinesStopped;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.engine.Machines;
import io.sluice.payments.payer.PayerSide;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all parts of a client share: the deals' machines, their money, threads and the network. */
final class ClientDesk implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClientDesk.class);

  private final PeerId self;
  private final BlockStore blocks;
  private final DealMoney money;
  private final Clock clock;
  private final ClientLimits limits;
  private final ClientMetrics metrics;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("client-watch").daemon().factory());

  private @Nullable Machines<ClientState, ClientDeal, ClientInput> machines;
  private @Nullable DataTransfer transfer;

  ClientDesk(
      PeerId self,
      BlockStore blocks,
      PayerSide payer,
      Clock clock,
      ClientLimits limits,
      ClientMetrics metrics) {
    this.self = self;
    this.blocks = blocks;
    this.money = new DealMoney(self, payer, clock, metrics);
    this.clock = clock;
    this.limits = limits;
    this.metrics = metrics;
  }

  /** The machines, whose steps need this desk themselves; once, before all else. */
  void carry(Machines<ClientState, ClientDeal, ClientInput> deals) {
    machines = deals;
  }

  void attach(DataTransfer endpoint) {
    transfer = endpoint;
  }

  PeerId self() {
    return self;
  }

  BlockStore blocks() {
    return blocks;
  }

  DealMoney money() {
    return money;
  }

  ClientLimits limits() {
    return limits;
  }

  ClientMetrics metrics() {
    return metrics;
  }

  Instant now() {
    return clock.instant();
  }

  DataTransfer endpoint() {
    DataTransfer endpoint = transfer;
    if (endpoint == null) {
      throw new IllegalStateException("attach() comes first");
    }
    return endpoint;
  }

  // ---- deals

  Machines<ClientState, ClientDeal, ClientInput> machines() {
    Machines<ClientState, ClientDeal, ClientInput> deals = machines;
    if (deals == null) {
      throw new IllegalStateException("carry() comes first");
    }
    return deals;
  }

  MachineView<ClientState, ClientDeal> view(MachineId id) throws IOException {
    return machines().get(id).orElseThrow(() -> new IOException("no deal " + id));
  }

  /** Makes a deal durable. */
  void start(MachineId id, ClientDeal deal) throws IOException, InterruptedException {
    await(machines().start(id, deal));
  }

  /** Raises an event and waits until it is durable. */
  <X extends ClientInput> void send(MachineId id, EventType<X> event, X input)
      throws IOException, InterruptedException {
    await(machines().send(id, event, input, List.of()));
  }

  private static void await(CompletableFuture<?> sent) throws IOException, InterruptedException {
    try {
      sent.get();
    } catch (ExecutionException e) {
      throw new IOException("the deal did not take the event: " + e.getMessage(), e);
    }
  }

  /** Raises an event that the deal may refuse: it has moved on then. */
  <X extends ClientInput> void report(MachineId id, EventType<X> event, X input) {
    var unused = machines().send(id, event, input);
  }

  ClientInput.Stopped stopped(DealCode code, String message) {
    return new ClientInput.Stopped(now(), code.name(), message);
  }

  ClientInput.Stopped stopped(DealCode code, Exception e) {
    return stopped(code, String.valueOf(e.getMessage()));
  }

  // ---- threads

  /** Work that may block. */
  @FunctionalInterface
  interface Work {
    void run() throws IOException, InterruptedException;
  }

  void onWorker(Work work) {
    try {
      workers.execute(() -> finish(work));
    } catch (RejectedExecutionException e) {
      LOG.debug("the client is closed; the deal goes on after the next start");
    }
  }

  private static void finish(Work work) {
    try {
      work.run();
    } catch (MachinesStopped e) {
      LOG.debug("too late: {}", e.toString());
    } catch (IOException e) {
      LOG.warn("a client's work failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      // Nobody waits for it: this is its last stop.
      LOG.error("a client's work is wrong", e);
    }
  }

  /** Runs something short again and again. */
  void every(Duration period, Runnable task) {
    long millis = period.toMillis();
    var unused = watch.scheduleWithFixedDelay(task, millis, millis, TimeUnit.MILLISECONDS);
  }

  /** Runs something short after a while, at once if this client is closed before. */
  void after(Duration wait, Runnable task) {
    try {
      var unused = watch.schedule(task, wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      task.run();
    }
  }

  @Override
  public void close() {
    watch.shutdownNow();
    workers.shutdownNow();
  }
}
