package io.sluice.fsm;

import java.io.IOException;
import java.util.Optional;

/**
 * Where machines are between events: as the last entry left them that {@link Journal#append} has
 * returned for. An implementation brings itself up to date from the journal when it opens.
 *
 * <p>Safe for use from many threads.
 */
public interface MachineStore {
  /** The machine of this id, or nothing if it was never started. */
  Optional<StoredMachine> load(MachineId id) throws IOException;

  /** The machines of a table, whatever its version, that have not ended. */
  Iterable<StoredMachine> live(String table) throws IOException;

  /** What happened to a machine, first entry first; empty if it was never started. */
  Iterable<JournalEntry> history(MachineId id) throws IOException;
}
