package io.sluice.node.provider;

import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.Row;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderDeals;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.payments.Prepared;
import io.sluice.payments.home.Payments;
import io.sluice.payments.payee.PayeeSide;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The world of a provider's parts, by hand: deals obey the real table but live in memory, no step
 * runs by itself, and tasks wait until they are run.
 */
final class FakeSales implements SaleContext {

  final PeerId self;
  final Payments payments;
  final Counts counts = new Counts();
  final TurnedClock clock;

  /** The events that deals took, {@code !} before those that they refused. */
  final List<String> events = new ArrayList<>();

  /** The deals that somebody wanted looked at. */
  final List<MachineId> looks = new ArrayList<>();

  final Deque<Runnable> tasks = new ArrayDeque<>();

  /** What happens when a look is asked for; nothing by itself. */
  Runnable onLook = () -> {};

  /** What happens just before the next event is taken. */
  Runnable before = () -> {};

  private final Map<MachineId, MachineView<ProviderState, ProviderDeal>> deals = new HashMap<>();
  private boolean alone;

  FakeSales(PeerId self, Payments payments, TurnedClock clock) {
    this.self = self;
    this.payments = payments;
    this.clock = clock;
  }

  void runTasks() {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  boolean isAlone() {
    return alone;
  }

  ProviderState state(MachineId id) {
    return find(id).orElseThrow().state();
  }

  ProviderDeal deal(MachineId id) {
    return find(id).orElseThrow().data();
  }

  String shown(MachineId id) {
    return deal(id).stateShown(state(id));
  }

  @Override
  public PeerId self() {
    return self;
  }

  @Override
  public ProviderMetrics metrics() {
    return counts;
  }

  @Override
  public Instant now() {
    return clock.instant();
  }

  @Override
  public Optional<MachineView<ProviderState, ProviderDeal>> find(MachineId id) {
    return Optional.ofNullable(deals.get(id));
  }

  @Override
  public void start(MachineId id, ProviderDeal deal) {
    put(id, ProviderState.NEW, deal);
    events.add("STARTED");
  }

  /** A deal in any state, as if it had come to that. */
  void put(MachineId id, ProviderState state, ProviderDeal deal) {
    deals.put(
        id,
        new MachineView<>(id, state, ProviderDeals.TABLE.isEnd(state), deal, 1, clock.instant()));
  }

  @Override
  public <X extends ProviderInput> CompletableFuture<Boolean> send(
      MachineId id, EventType<X> event, X input, Prepared<?>... changes) {
    Runnable first = before;
    before = () -> {};
    first.run();
    Optional<Row<ProviderState, ProviderDeal>> row =
        find(id).flatMap(view -> ProviderDeals.TABLE.row(view.state(), event));
    for (Prepared<?> change : changes) {
      if (row.isPresent()) {
        change.commit();
      } else {
        change.release();
      }
    }
    row.ifPresent(taken -> put(id, taken.to(), taken.recorder().record(deal(id), input)));
    events.add(row.isPresent() ? event.name() : "!" + event.name());
    return CompletableFuture.completedFuture(row.isPresent());
  }

  @Override
  public void look(MachineId id) {
    looks.add(id);
    onLook.run();
  }

  @Override
  public PayeeSide payee() {
    return payments.payee();
  }

  @Override
  public void append(Prepared<?> change) {
    try {
      payments.append(change);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void later(Runnable task) {
    tasks.add(task);
  }

  @Override
  public void alone(MachineId id, Runnable task) {
    boolean before = alone;
    alone = true;
    try {
      task.run();
    } finally {
      alone = before;
    }
  }
}
