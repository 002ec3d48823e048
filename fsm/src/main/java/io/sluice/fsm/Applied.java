package io.sluice.fsm;

/**
 * What an event did to a machine. It is durable.
 *
 * @param machine whom it happened to
 * @param before the state before; at a machine's start the initial state
 * @param after the state after
 * @param data the data after
 * @param entry what the journal holds of it
 */
public record Applied<S extends Enum<S>, D>(
    MachineId machine, S before, S after, D data, JournalEntry entry) {

  /** The name of the event; {@link JournalEntry#STARTED} for a machine's start. */
  public String event() {
    return entry.event();
  }

  /** Whether the machine has just been started. */
  public boolean started() {
    return entry.sequence() == 1;
  }
}
