package io.sluice.node.client;

import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.engine.MachineView;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.Pull;
import io.sluice.protocol.datatransfer.PullListener;
import io.sluice.protocol.datatransfer.PullSpec;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.OutgoingRequest;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.RetrievalNames;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The world as a test wants it: time that stands until it is turned, work that runs when it is told
 * to, and a list of all that was said and done.
 */
final class FakeContext implements DealContext {
  /** All events, sent and reported, and what went over the network, in order. */
  final List<String> said = new ArrayList<>();

  /** The inputs of events, in order. */
  final List<ClientInput> inputs = new ArrayList<>();

  final List<Payment> vouchers = new ArrayList<>();
  final List<Duration> pauses = new ArrayList<>();
  final List<Duration> reminders = new ArrayList<>();
  final FakePayments payments = new FakePayments();
  BlockStore blocks = new MemoryBlockStore();
  final Tally tally = new Tally();
  final Map<MachineId, MachineView<ClientState, ClientDeal>> deals = new HashMap<>();
  final List<ClientWork> work = new ArrayList<>();
  final List<Runnable> later = new ArrayList<>();
  ClientLimits limits = Pair.LIMITS;
  Instant now = Instant.parse("2026-01-02T03:04:05Z");
  long nanos = 77;
  Optional<PullSpec> opened = Optional.empty();
  Optional<IOException> deaf = Optional.empty();
  CompletableFuture<Void> network = CompletableFuture.completedFuture(null);

  /** What a provider does about a voucher that comes outside of an attempt. */
  Runnable heard = () -> {};

  /** The pull that {@link #open} gives. */
  final Pull pull =
      new Pull() {
        @Override
        public ChannelId channel() {
          throw new UnsupportedOperationException();
        }

        @Override
        public OutgoingRequest request() {
          throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Void> sendVoucher(TypedVoucher voucher) {
          said.add(voucher.type().equals(RetrievalNames.PAYMENT) ? "pull: voucher" : "pull: ?");
          vouchers.add(Payment.CODEC.decode(voucher.value()));
          return network;
        }

        @Override
        public CompletableFuture<Void> pause() {
          throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Void> cancel() {
          said.add("pull: cancel");
          return network;
        }

        @Override
        public void close() {
          said.add("pull: close");
        }
      };

  /** Does all work that is waiting, and what comes of it. */
  void work() {
    while (!work.isEmpty()) {
      try {
        work.removeFirst().run();
      } catch (IOException | InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  void turn(Duration by) {
    now = now.plus(by);
    nanos += by.toNanos();
  }

  /** What was said since the last look. */
  List<String> said() {
    List<String> all = List.copyOf(said);
    said.clear();
    return all;
  }

  @Override
  public PeerId self() {
    return Deals.CLIENT;
  }

  @Override
  public Instant now() {
    return now;
  }

  @Override
  public Ticker ticker() {
    return () -> nanos;
  }

  @Override
  public ClientLimits limits() {
    return limits;
  }

  @Override
  public ClientMetrics metrics() {
    return tally;
  }

  @Override
  public BlockStore blocks() {
    return blocks;
  }

  @Override
  public DealPayments payments() {
    return payments;
  }

  @Override
  public Pull open(PullSpec spec, PullListener listener) {
    said.add(spec.restart() ? "open: restart" : "open: new");
    opened = Optional.of(spec);
    return pull;
  }

  @Override
  public CompletableFuture<Void> sendVoucher(
      PeerId provider, List<Multiaddr> addresses, long transfer, Payment payment) {
    said.add("voucher to " + (provider.equals(Deals.PROVIDER) ? "provider" : provider));
    vouchers.add(payment);
    heard.run();
    return network;
  }

  @Override
  public CompletableFuture<Void> sendCancel(
      PeerId provider, List<Multiaddr> addresses, long transfer) {
    said.add("cancel to " + (provider.equals(Deals.PROVIDER) ? "provider" : provider));
    return network;
  }

  @Override
  public Optional<MachineView<ClientState, ClientDeal>> find(MachineId id) {
    return Optional.ofNullable(deals.get(id));
  }

  @Override
  public <X extends ClientInput> void send(MachineId id, EventType<X> event, X input)
      throws IOException {
    if (deaf.isPresent()) {
      throw deaf.get();
    }
    report(id, event, input);
  }

  @Override
  public <X extends ClientInput> void report(MachineId id, EventType<X> event, X input) {
    said.add(event.name());
    inputs.add(input);
  }

  @Override
  public void onWorker(ClientWork task) {
    work.add(task);
  }

  @Override
  public void pause(Duration wait) {
    pauses.add(wait);
  }

  @Override
  public void after(Duration wait, Runnable task) {
    later.add(task);
  }

  @Override
  public void remind(Duration wait, Runnable task) {
    reminders.add(wait);
    later.add(task);
  }
}
