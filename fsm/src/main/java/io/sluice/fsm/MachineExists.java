package io.sluice.fsm;

/** A machine was to be started under an id that is taken: ids are never used twice. */
public final class MachineExists extends NotApplied {
  /** Names the id. */
  public MachineExists(MachineId machine) {
    super("there is a machine " + machine + " already", null, false);
  }
}
