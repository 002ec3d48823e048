package io.sluice.fsm.engine;

import io.sluice.fsm.Journal;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MachineStore;
import io.sluice.fsm.MachinesStopped;
import io.sluice.fsm.Step;
import io.sluice.fsm.TransitionTable;
import io.sluice.protocol.Ticker;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Runs state machines that live in a store.
 *
 * <p>No machine lives in memory. Its id picks one of a few <em>stripes</em>, each a thread that
 * handles one event after the other: read the machine from the store, look up the row, make the new
 * data, append to the journal until it is durable, update the store, start the step, answer the
 * sender, tell the listeners. A stripe waits for the disk and for nothing else.
 *
 * <p>If the journal or the store fails the engine stops for good: senders get {@link
 * MachinesStopped}, {@link EngineWatch#fatal} is told once, and no step is started any more. What
 * the disk then holds is found out by the next start.
 *
 * <p>Safe for use from any thread.
 */
public final class Engine implements AutoCloseable {
  private final Journal journal;
  private final MachineStore store;
  private final Clock clock;
  private final Executor workers;
  private final EngineWatch watch;
  private final EngineLimits limits;
  private final List<Stripe> stripes = new ArrayList<>();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Set<String> tables = ConcurrentHashMap.newKeySet();

  /**
   * Starts the stripes.
   *
   * @param clock gives entries their time; recorders never see it
   * @param workers runs steps, one task each: an executor of virtual threads, which its owner shuts
   *     down after this engine
   */
  public Engine(
      Journal journal,
      MachineStore store,
      Clock clock,
      Executor workers,
      EngineWatch watch,
      EngineLimits limits) {
    this.journal = journal;
    this.store = store;
    this.clock = clock;
    this.workers = workers;
    this.watch = watch;
    this.limits = limits;
    for (int i = 0; i < limits.stripes(); i++) {
      stripes.add(new Stripe(i, limits.mailbox(), this::fail));
    }
    stripes.forEach(Stripe::start);
  }

  /**
   * The machines of one table. To be called once for each table name.
   *
   * @param steps what to do in which state; states without a step wait for events
   * @throws IllegalStateException if machines of a table of this name are run already
   */
  public <S extends Enum<S>, D, I> Machines<S, D, I> machines(
      TransitionTable<S, D, I> table, Map<S, Step<D, I>> steps) {
    if (!tables.add(table.name())) {
      throw new IllegalStateException("machines of " + table + " are run already");
    }
    return new Machines<>(this, table, steps);
  }

  /**
   * Takes no more events, handles those already sent and stops; after {@link EngineLimits#closing}
   * it stops waiting, which is as safe. Steps under way are not waited for.
   */
  @Override
  public void close() {
    MachinesStopped why = new MachinesStopped("the engine is closed", null);
    stripes.forEach(stripe -> stripe.stop(why));
    long end = Ticker.SYSTEM.nanos() + limits.closing().toNanos();
    try {
      for (Stripe stripe : stripes) {
        if (!stripe.join(Duration.ofNanos(Math.max(1, end - Ticker.SYSTEM.nanos())))) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void fail(Throwable cause) {
    if (failure.compareAndSet(null, cause)) {
      MachinesStopped why = new MachinesStopped("the engine failed: " + cause, cause);
      stripes.forEach(stripe -> stripe.stop(why));
      watch.fatal(cause);
    }
  }

  int stripeOf(MachineId id) {
    return Math.floorMod(id.stripeKey().hashCode(), stripes.size());
  }

  Stripe stripe(int number) {
    return stripes.get(number);
  }

  int stripeCount() {
    return stripes.size();
  }

  Journal journal() {
    return journal;
  }

  MachineStore store() {
    return store;
  }

  Clock clock() {
    return clock;
  }

  Executor workers() {
    return workers;
  }

  EngineWatch watch() {
    return watch;
  }
}
