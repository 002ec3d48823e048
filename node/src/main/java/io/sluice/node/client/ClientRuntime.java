package io.sluice.node.client;

import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MachinesStopped;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.engine.Machines;
import io.sluice.payments.payer.PayerSide;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.Pull;
import io.sluice.protocol.datatransfer.PullListener;
import io.sluice.protocol.datatransfer.PullSpec;
import io.sluice.protocol.datatransfer.TransferRequest;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Payment;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all parts of a client share: the deals' machines, their money, threads and the network. */
final class ClientRuntime implements DealContext, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClientRuntime.class);

  private final PeerId self;
  private final BlockStore blocks;
  private final DealMoney money;
  private final Clock clock;
  private final Alarms alarms;
  private final ClientLimits limits;
  private final ClientMetrics metrics;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();

  private @Nullable Machines<ClientState, ClientDeal, ClientInput> machines;
  private @Nullable DataTransfer transfers;

  ClientRuntime(
      PeerId self,
      BlockStore blocks,
      PayerSide payer,
      Clock clock,
      Alarms alarms,
      ClientLimits limits,
      ClientMetrics metrics) {
    this.self = self;
    this.blocks = blocks;
    this.money =
        new DealMoney(
            self,
            payer,
            clock,
            limits.funds(),
            metrics,
            (id, signed, voucher) ->
                machines().send(id, ClientEvent.VOUCHER_SIGNED, signed, voucher));
    this.clock = clock;
    this.alarms = alarms;
    this.limits = limits;
    this.metrics = metrics;
  }

  /** The machines, whose steps need this object themselves; once, before all else. */
  void carry(Machines<ClientState, ClientDeal, ClientInput> deals) {
    machines = deals;
  }

  void attach(DataTransfer endpoint) {
    transfers = endpoint;
  }

  @Override
  public PeerId self() {
    return self;
  }

  @Override
  public BlockStore blocks() {
    return blocks;
  }

  @Override
  public DealPayments payments() {
    return money;
  }

  @Override
  public ClientLimits limits() {
    return limits;
  }

  @Override
  public ClientMetrics metrics() {
    return metrics;
  }

  @Override
  public Instant now() {
    return clock.instant();
  }

  @Override
  public Ticker ticker() {
    return alarms;
  }

  // ---- the network

  @Override
  public Pull open(PullSpec spec, PullListener listener) {
    return endpoint().open(spec, blocks, listener);
  }

  @Override
  public CompletableFuture<Void> sendVoucher(
      PeerId provider, List<Multiaddr> addresses, long transfer, Payment payment) {
    return endpoint()
        .send(provider, addresses, TransferRequest.voucher(transfer, FinalVouchers.typed(payment)));
  }

  @Override
  public CompletableFuture<Void> sendCancel(
      PeerId provider, List<Multiaddr> addresses, long transfer) {
    return endpoint().send(provider, addresses, TransferRequest.cancel(transfer));
  }

  private DataTransfer endpoint() {
    DataTransfer endpoint = transfers;
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

  @Override
  public Optional<MachineView<ClientState, ClientDeal>> find(MachineId id) throws IOException {
    return machines().get(id);
  }

  /** Makes a deal durable. */
  void start(MachineId id, ClientDeal deal) throws IOException, InterruptedException {
    await(machines().start(id, deal));
  }

  @Override
  public <X extends ClientInput> void send(MachineId id, EventType<X> event, X input)
      throws IOException, InterruptedException {
    await(machines().send(id, event, input));
  }

  private static void await(CompletableFuture<?> sent) throws IOException, InterruptedException {
    try {
      sent.get();
    } catch (ExecutionException e) {
      throw new IOException("the deal did not take the event: " + e.getMessage(), e);
    }
  }

  @Override
  public <X extends ClientInput> void report(MachineId id, EventType<X> event, X input) {
    var unused = machines().send(id, event, input);
  }

  // ---- threads

  @Override
  public void onWorker(ClientWork work) {
    try {
      workers.execute(() -> finish(work));
    } catch (RejectedExecutionException e) {
      LOG.debug("the client is closed; the deal goes on after the next start");
    }
  }

  private static void finish(ClientWork work) {
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

  @Override
  public void pause(Duration wait) throws InterruptedException {
    CountDownLatch over = new CountDownLatch(1);
    after(wait, over::countDown);
    over.await();
  }

  /** Runs something short again and again. */
  void every(Duration period, Runnable task) {
    alarms.every(period, task);
  }

  @Override
  public void after(Duration wait, Runnable task) {
    if (!alarms.after(wait, task)) {
      task.run();
    }
  }

  @Override
  public void remind(Duration wait, Runnable task) {
    if (!alarms.after(wait, task)) {
      LOG.debug("the client is closed; nobody needs to be reminded");
    }
  }

  @Override
  public void close() {
    alarms.close();
    workers.shutdownNow();
  }
}
