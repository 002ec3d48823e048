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

  /**
   * Hands an entry over and does not wait, so that whoever has more to say meanwhile shares its
   * sync. What one thread hands over becomes durable in that order, and none without those before.
   *
   * @throws IOException as {@link #append}
   */
  default Receipt handOver(JournalEntry entry, StoredMachine after) throws IOException {
    append(entry, after);
    return Receipt.DURABLE;
  }

  /** What somebody has of an entry that was handed over. */
  interface Receipt {
    /** For what is durable already. */
    Receipt DURABLE =
        new Receipt() {
          @Override
          public boolean isDone() {
            return true;
          }

          @Override
          public void await() {}
        };

    /** Whether {@link #await} would return, or throw, at once. */
    boolean isDone();

    /**
     * Waits until what {@link Journal#append} promises holds.
     *
     * @throws IOException as {@link Journal#append}
     */
    void await() throws IOException;
  }
}
