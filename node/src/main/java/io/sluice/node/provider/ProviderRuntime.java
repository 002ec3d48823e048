package io.sluice.node.provider;

import io.sluice.fsm.Attachment;
import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MachinesStopped;
import io.sluice.fsm.NotApplied;
import io.sluice.fsm.Step;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.engine.Machines;
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
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The world as a provider has it in production: the engine's machines, the payments, virtual
 * threads. An event and the change of money that goes with it are one journal entry; the change is
 * made when that is durable.
 */
final class ProviderRuntime implements SaleContext, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProviderRuntime.class);

  /**
   * A lock of their own for each deal would have to be forgotten; a few shared ones need not be.
   */
  private static final int LOCKS = 64;

  private final PeerId self;
  private final Payments payments;
  private final ProviderMetrics metrics;
  private final Clock clock;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final ReentrantLock[] locks = new ReentrantLock[LOCKS];
  private Map<ProviderState, ProviderSteps.DealStep> steps = Map.of();
  private @Nullable Machines<ProviderState, ProviderDeal, ProviderInput> machines;

  ProviderRuntime(PeerId self, Payments payments, ProviderMetrics metrics, Clock clock) {
    this.self = self;
    this.payments = payments;
    this.metrics = metrics;
    this.clock = clock;
    Arrays.setAll(locks, i -> new ReentrantLock());
  }

  /** The machines, whose steps need this object themselves; once, before all else. */
  void carry(Engine engine, Map<ProviderState, ProviderSteps.DealStep> byState) {
    Map<ProviderState, Step<ProviderDeal, ProviderInput>> entered =
        new EnumMap<>(ProviderState.class);
    byState.forEach(
        (state, step) -> entered.put(state, (id, deal, events) -> step(id, state::equals)));
    steps = byState;
    machines = engine.machines(ProviderDeals.TABLE, entered);
  }

  Machines<ProviderState, ProviderDeal, ProviderInput> machines() {
    return Objects.requireNonNull(machines, "carry() comes first");
  }

  @Override
  public void look(MachineId id) {
    step(id, state -> true);
  }

  /**
   * The one door to the steps, whoever calls. The deal is looked at again behind the lock: whoever
   * held it may have moved the deal on, and then the step of the new state was begun by that.
   */
  private void step(MachineId id, Predicate<ProviderState> due) {
    alone(
        id,
        () ->
            find(id)
                .filter(view -> due.test(view.state()) && steps.containsKey(view.state()))
                .ifPresent(view -> Objects.requireNonNull(steps.get(view.state())).run(view)));
  }

  @Override
  public PeerId self() {
    return self;
  }

  @Override
  public ProviderMetrics metrics() {
    return metrics;
  }

  @Override
  public Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  @Override
  public Optional<MachineView<ProviderState, ProviderDeal>> find(MachineId id) {
    try {
      return machines().get(id);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void start(MachineId id, ProviderDeal deal) {
    machines().start(id, deal).join();
  }

  @Override
  public <X extends ProviderInput> CompletableFuture<Boolean> send(
      MachineId id, EventType<X> event, X input, Prepared<?>... changes) {
    List<Attachment> attached =
        Arrays.stream(changes)
            .flatMap(change -> change.record().stream())
            .map(record -> new Attachment(record.kind(), record.toNode()))
            .toList();
    return machines()
        .send(id, event, input, attached)
        .handle(
            (applied, failure) -> {
              for (Prepared<?> change : changes) {
                if (failure == null) {
                  change.commit();
                } else {
                  change.release();
                }
              }
              if (failure != null
                  && !(failure instanceof NotApplied)
                  && !(failure instanceof MachinesStopped)) {
                LOG.warn("{} of {} is not recorded: {}", event, id, failure.toString());
              }
              return failure == null;
            });
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

  @Override
  public void alone(MachineId id, Runnable task) {
    ReentrantLock lock = locks[Math.floorMod(id.hashCode(), LOCKS)];
    lock.lock();
    try {
      task.run();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }
}
