package io.sluice.fsm;

import java.io.IOException;
import java.util.Optional;

/**
 * Where machines are between events. What it holds is at any time what the journal's entries up to
 * some position make; an implementation brings itself up to date from the journal when it opens.
 *
 * <p>Safe for use from many threads. For one machine, {@link #save} is called by one thread at a
 * time and in order.
 */
public interface MachineStore {
  /** The machine of this id, or nothing if it was never started. */
  Optional<StoredMachine> load(MachineId id) throws IOException;

  /**
   * Stores what an entry made of a machine. The entry is durable in the journal by then, so this
   * need not be.
   */
  void save(StoredMachine machine, JournalEntry entry) throws IOException;

  /** The machines of a table, whatever its version, that have not ended. */
  Iterable<StoredMachine> live(String table) throws IOException;

  /** What happened to a machine, first entry first; empty if it was never started. */
  Iterable<JournalEntry> history(MachineId id) throws IOException;
}
