package io.sluice.fsm;

/** An event was sent to a machine that was never started, or that belongs to another table. */
public final class UnknownMachine extends NotApplied {
  /** Names the id nobody has. */
  public UnknownMachine(MachineId machine, String table) {
    super("there is no " + table + " " + machine, null, false);
  }
}
