package io.sluice.fsm;

import java.io.IOException;

/**
 * Makes events durable. Called from many threads at once; implementations group what arrives
 * together into one sync.
 */
@FunctionalInterface
public interface Journal {
  /**
   * Appends an entry and its attachments as one record. When this returns the record survives power
   * loss, and the {@link MachineStore} beside this journal has the machine as the entry left it.
   *
   * @param after the machine as the entry left it
   * @throws IOException if it may not be durable. It is not tried again: after a failed sync nobody
   *     knows what is on the disk, so the engine stops for good.
   */
  void append(JournalEntry entry, StoredMachine after) throws IOException;
}
