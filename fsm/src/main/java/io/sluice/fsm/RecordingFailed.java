package io.sluice.fsm;

/** A recorder or a codec threw, or stored data could not be read: a fault of ours. */
public final class RecordingFailed extends NotApplied {
  /**
   * Names the event.
   *
   * @param event the event's name
   */
  public RecordingFailed(MachineId machine, String event, Throwable cause) {
    super(event + " of " + machine + " could not be recorded: " + cause, cause, true);
  }
}
