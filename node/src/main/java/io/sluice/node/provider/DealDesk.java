package io.sluice.node.provider;

import io.sluice.fsm.Applied;
import io.sluice.fsm.Attachment;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MachineStore;
import io.sluice.fsm.MachinesStopped;
import io.sluice.fsm.NotApplied;
import io.sluice.fsm.Step;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.engine.Machines;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderDeals;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.payments.DealRef;
import io.sluice.payments.Prepared;
import io.sluice.payments.home.Payments;
import io.sluice.payments.payee.DealAccount;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all parts of a provider share: the deals' machines, their money, and the transfers under
 * way. An event and the change of money that goes with it are one journal entry; the change is made
 * when that is durable.
 */
final class DealDesk {

  private static final Logger LOG = LoggerFactory.getLogger(DealDesk.class);
  private static final int LOCKS = 64;

  /** What is known of a live deal without asking the store. */
  record Watched(ProviderState state, Instant since, boolean paid, ChannelId channel) {}

  private final PeerId self;
  private final MachineStore store;
  private final Payments payments;
  private final ProviderMetrics metrics;
  private final Clock clock;
  private final Machines<ProviderState, ProviderEvent, ProviderDeal, ProviderInput> machines;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final ReentrantLock[] locks = new ReentrantLock[LOCKS];
  private final Map<MachineId, Serving> servings = new ConcurrentHashMap<>();
  private final Map<MachineId, Watched> watched = new ConcurrentHashMap<>();

  /** What deals that have not ended were credited with, to tell what is new. */
  private final Map<MachineId, TokenAmount> credits = new ConcurrentHashMap<>();

  private final Map<ChannelId, MachineId> channels = new ConcurrentHashMap<>();
  private volatile Optional<ServedChannels> chronicle = Optional.empty();

  DealDesk(
      PeerId self,
      Engine engine,
      MachineStore store,
      Payments payments,
      ProviderMetrics metrics,
      Clock clock,
      Step<ProviderEvent, ProviderDeal, ProviderInput> look) {
    this.self = self;
    this.store = store;
    this.payments = payments;
    this.metrics = metrics;
    this.clock = clock;
    Arrays.setAll(locks, i -> new ReentrantLock());
    Map<ProviderState, Step<ProviderEvent, ProviderDeal, ProviderInput>> steps =
        new EnumMap<>(ProviderState.class);
    for (ProviderState state : ProviderState.values()) {
      if (!ProviderDeals.TABLE.isEnd(state)) {
        steps.put(state, look);
      }
    }
    this.machines = engine.machines(ProviderDeals.TABLE, steps);
    machines.listen(this::noted);
  }

  /** The name of a deal here; {@code number} is the client's. */
  static MachineId idOf(PeerId peer, long number) {
    String text = peer.toString();
    return new MachineId("p-" + text.substring(Math.max(0, text.length() - 8)) + "-" + number);
  }

  static DealRef refOf(MachineId id) {
    return new DealRef(id.value());
  }

  PeerId self() {
    return self;
  }

  Payments payments() {
    return payments;
  }

  ProviderMetrics metrics() {
    return metrics;
  }

  Machines<ProviderState, ProviderEvent, ProviderDeal, ProviderInput> machines() {
    return machines;
  }

  /** Now, as precisely as it is stored. */
  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  ProviderInput.At at() {
    return new ProviderInput.At(now());
  }

  void recordChannels(ServedChannels by) {
    chronicle = Optional.of(by);
    machines.listen(by::applied);
  }

  Optional<ServedChannels> chronicle() {
    return chronicle;
  }

  // looking

  Optional<MachineView<ProviderState, ProviderDeal>> find(MachineId id) {
    try {
      return machines.get(id);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Optional<DealAccount> account(MachineId id) {
    return payments.payee().account(refOf(id));
  }

  Optional<MachineId> dealOf(ChannelId channel) {
    return Optional.ofNullable(channels.get(channel));
  }

  Map<MachineId, Watched> watched() {
    return watched;
  }

  /** Whether that is a live deal of that peer, without asking the store. */
  boolean isLive(MachineId id, PeerId peer) {
    Watched deal = watched.get(id);
    return deal != null && deal.channel().initiator().equals(peer);
  }

  ChannelId channelOf(ProviderDeal deal) {
    return new ChannelId(deal.peer(), self, deal.transfer());
  }

  // transfers under way

  Optional<Serving> serving(MachineId id) {
    return Optional.ofNullable(servings.get(id));
  }

  Iterable<Serving> servings() {
    return servings.values();
  }

  int running() {
    return servings.size();
  }

  long running(PeerId peer) {
    return servings.values().stream()
        .filter(serving -> serving.pull().channel().initiator().equals(peer))
        .count();
  }

  /** The transfer takes the place of whichever the deal had, which ends without a word. */
  void begin(Serving serving) {
    Serving before = servings.put(serving.deal(), serving);
    if (before != null) {
      before.abandon();
      before.pull().close();
    }
  }

  /** Forgets a transfer, unless another has taken its place. */
  void drop(Serving serving) {
    serving.abandon();
    servings.remove(serving.deal(), serving);
  }

  /** Forgets the deal's transfer, whichever it is. */
  Optional<Serving> drop(MachineId id) {
    Optional<Serving> serving = Optional.ofNullable(servings.remove(id));
    serving.ifPresent(Serving::abandon);
    return serving;
  }

  // events

  /** Starts a deal's machine; waits until that is durable. */
  void start(MachineId id, ProviderDeal deal) {
    machines.start(id, deal).join();
  }

  /**
   * Sends an event, with the changes of money that belong to it. They are made once it is durable,
   * and dropped if it is refused.
   *
   * @return whether the machine took it
   */
  CompletableFuture<Boolean> send(
      MachineId id, ProviderEvent event, ProviderInput input, Prepared<?>... changes) {
    List<Attachment> attached =
        Arrays.stream(changes)
            .flatMap(change -> change.record().stream())
            .map(record -> new Attachment(record.kind(), record.toNode()))
            .toList();
    return machines
        .send(id, event, input, attached)
        .handle(
            (applied, failure) -> {
              if (failure == null) {
                for (Prepared<?> change : changes) {
                  change.commit();
                }
                return true;
              }
              for (Prepared<?> change : changes) {
                change.release();
              }
              if (!(failure instanceof NotApplied) && !(failure instanceof MachinesStopped)) {
                LOG.warn("{} of {} is not recorded: {}", event, id, failure.toString());
              }
              return false;
            });
  }

  /**
   * Ends a deal, by one event if it leaves nothing unpaid and by another if it does; its lane is
   * free and its debt remembered from then on. Waits until that is durable.
   */
  boolean end(
      MachineId id,
      ProviderEvent clean,
      ProviderEvent owing,
      long charged,
      DealCode reason,
      String message) {
    Optional<DealAccount> account = account(id);
    long total = Math.max(charged, account.map(DealAccount::charged).orElse(0L));
    account.ifPresent(by -> by.charged(total));
    find(id).ifPresent(view -> creditUp(id, view.data()));
    boolean leavesDebt = total > 0 && account.filter(by -> !by.settled()).isPresent();
    return send(
            id,
            leavesDebt ? owing : clean,
            new ProviderInput.Stopped(now(), total, reason.name(), message),
            payments.payee().ended(refOf(id), total))
        .join();
  }

  /** Everything is paid. */
  boolean settle(MachineId id, ProviderDeal deal) {
    long total = Math.max(deal.charged(), account(id).map(DealAccount::charged).orElse(0L));
    return send(id, ProviderEvent.SETTLED, at(), payments.payee().ended(refOf(id), total)).join();
  }

  /** Records what counts as credit, if that is more than the deal knows. Waits. */
  boolean creditUp(MachineId id, ProviderDeal deal) {
    TokenAmount counts = account(id).map(DealAccount::credit).orElse(TokenAmount.ZERO);
    if (!counts.exceeds(deal.credit())) {
      return false;
    }
    return send(id, ProviderEvent.PAID, new ProviderInput.Paid(now(), counts, deal.nonce(), 0))
        .join();
  }

  // order

  /** Runs something on a thread of its own. */
  void later(Runnable task) {
    try {
      workers.execute(
          () -> {
            try {
              task.run();
            } catch (RuntimeException e) {
              if (e instanceof MachinesStopped || e.getCause() instanceof MachinesStopped) {
                LOG.debug("too late: {}", e.toString());
              } else {
                // Nobody waits for it: this is its last stop.
                LOG.error("a provider's task is wrong", e);
              }
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("the provider is closed: {}", e.toString());
    }
  }

  /** One at a time for each deal: decisions about it that look first and then act. */
  void alone(MachineId id, Runnable task) {
    ReentrantLock lock = locks[Math.floorMod(id.hashCode(), LOCKS)];
    lock.lock();
    try {
      task.run();
    } finally {
      lock.unlock();
    }
  }

  // memory of live deals

  /** Rebuilds what is known of live deals, and brings accounts up to what was recorded. */
  void remember() throws IOException {
    for (StoredMachine stored : store.live(ProviderDeals.TABLE.name())) {
      Optional<MachineView<ProviderState, ProviderDeal>> view = find(stored.id());
      view.ifPresent(
          found -> {
            note(found.id(), found.state(), found.data());
            credits.put(found.id(), found.data().credit());
            account(found.id()).ifPresent(account -> account.charged(found.data().charged()));
          });
    }
  }

  private void noted(Applied<ProviderState, ProviderDeal> applied) {
    note(applied.machine(), applied.after(), applied.data());
    TokenAmount credit = applied.data().credit();
    TokenAmount before =
        ProviderDeals.TABLE.isEnd(applied.after())
            ? credits.remove(applied.machine())
            : credits.put(applied.machine(), credit);
    if (before != null && credit.exceeds(before)) {
      metrics.earned(credit.minus(before));
    }
    if (applied.after() != applied.before() && isOver(applied.after())) {
      metrics.ended(applied.after());
    }
  }

  private void note(MachineId id, ProviderState state, ProviderDeal deal) {
    ChannelId channel = channelOf(deal);
    if (isOver(state)) {
      Watched before = watched.remove(id);
      channels.remove(channel, id);
      if (before != null) {
        channels.remove(before.channel(), id);
      }
      return;
    }
    Watched before = watched.put(id, new Watched(state, deal.since(), deal.paid(), channel));
    if (before == null || !before.channel().equals(channel)) {
      if (before != null) {
        channels.remove(before.channel(), id);
      }
      channels.put(channel, id);
    }
  }

  /** Ended, or at rest until somebody pays. */
  static boolean isOver(ProviderState state) {
    return switch (state) {
      case NEW, AWAITING_OPENING, SERVING, FUNDS_NEEDED, FINALIZING, SUSPENDED -> false;
      case COMPLETED_UNPAID,
          PARTIAL_UNPAID,
          FAILED_UNPAID,
          CANCELLED_UNPAID,
          COMPLETED,
          PARTIAL,
          FAILED,
          CANCELLED,
          REFUSED ->
          true;
    };
  }

  void close() {
    workers.shutdownNow();
  }
}
