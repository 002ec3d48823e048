package io.sluice.node.pullsync;

import io.sluice.fsm.Applied;
import io.sluice.fsm.EventRefused;
import io.sluice.fsm.EventType;
import io.sluice.fsm.Journal;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MachineStore;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.EngineLimits;
import io.sluice.fsm.engine.EngineWatch;
import io.sluice.fsm.engine.Machines;
import io.sluice.fsm.sync.NeighbourSync;
import io.sluice.fsm.sync.SyncInput;
import io.sluice.fsm.sync.SyncState;
import io.sluice.fsm.sync.SyncTable;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.random.RandomGenerator;

/**
 * Syncs as machines. They have an engine of their own, since they are there whether the network was
 * joined or not. Thread-safe.
 */
final class SyncRecords implements AutoCloseable {
  private static final String PREFIX = "y-";

  /** Few events, from few threads. */
  private static final EngineLimits LIMITS = new EngineLimits(1, 256, Duration.ofSeconds(3));

  /**
   * A sync as it is recorded.
   *
   * @param id of its machine
   */
  record Recorded(MachineId id, SyncState state, NeighbourSync sync) {}

  private final MachineStore store;
  private final RandomGenerator random;
  private final Engine engine;
  private final Machines<SyncState, NeighbourSync, SyncInput> machines;

  /** Starts the engine. */
  SyncRecords(
      Journal journal, MachineStore store, Clock clock, RandomGenerator random, EngineWatch watch) {
    this.store = store;
    this.random = random;
    this.engine = new Engine(journal, store, clock, Runnable::run, watch, LIMITS);
    this.machines = engine.machines(SyncTable.TABLE, Map.of());
  }

  /** Those that were not removed, in the order of their names. */
  static List<Recorded> all(MachineStore store) throws IOException {
    List<Recorded> all = new ArrayList<>();
    for (StoredMachine machine : store.live(SyncTable.TABLE.name())) {
      all.add(
          new Recorded(
              machine.id(),
              SyncState.valueOf(machine.state()),
              SyncTable.TABLE.data().decode(machine.data())));
    }
    all.sort((one, other) -> one.sync().order().name().compareTo(other.sync().order().name()));
    return all;
  }

  List<Recorded> all() throws IOException {
    return all(store);
  }

  /** Begins a sync. Its machine's id is drawn by chance: a name may be used again. */
  Recorded begin(NeighbourSync sync) throws IOException {
    MachineId id = new MachineId(PREFIX + Long.toUnsignedString(random.nextLong(), 36));
    try {
      return recorded(machines.start(id, sync).join());
    } catch (CompletionException e) {
      throw notRecorded(e);
    }
  }

  /**
   * Records an event.
   *
   * @return the sync after it; empty if it was removed meanwhile
   */
  <X extends SyncInput> Optional<Recorded> happened(MachineId id, EventType<X> event, X input)
      throws IOException {
    try {
      return Optional.of(recorded(machines.send(id, event, input).join()));
    } catch (CompletionException e) {
      if (e.getCause() instanceof EventRefused) {
        return Optional.empty();
      }
      throw notRecorded(e);
    }
  }

  private static Recorded recorded(Applied<SyncState, NeighbourSync> applied) {
    return new Recorded(applied.machine(), applied.after(), applied.data());
  }

  private static IOException notRecorded(CompletionException e) {
    return new IOException("the sync cannot be recorded", e);
  }

  @Override
  public void close() {
    engine.close();
  }
}
