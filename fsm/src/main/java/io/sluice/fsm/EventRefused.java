package io.sluice.fsm;

/** The machine's table has no row for the event in its state. Nothing has changed. */
public final class EventRefused extends NotApplied {
  private final MachineId machine;
  private final Enum<?> state;
  private final EventType<?> event;

  /** Names what met what. */
  public EventRefused(MachineId machine, Enum<?> state, EventType<?> event) {
    // Peers can cause refusals at will: no stack trace, it would tell nothing anyway.
    super(machine + " is " + state + " and does not take " + event, null, false);
    this.machine = machine;
    this.state = state;
    this.event = event;
  }

  /** The machine that was sent the event. */
  public MachineId machine() {
    return machine;
  }

  /** The state it was and is in. */
  public Enum<?> state() {
    return state;
  }

  /** The event it refused. */
  public EventType<?> event() {
    return event;
  }
}
