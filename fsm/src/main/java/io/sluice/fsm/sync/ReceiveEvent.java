package io.sluice.fsm.sync;

import io.sluice.fsm.EventType;
import io.sluice.fsm.EventTypes;

/** What happens to a push by dsync, at the node that takes it. */
public final class ReceiveEvent {
  static final EventTypes<ReceiveInput> ALL = new EventTypes<>();

  /** All of it is here, and nobody objects. */
  public static final EventType<ReceiveInput> COMPLETE = ALL.add("COMPLETE", ReceiveInput.class);

  /** Its time is over. */
  public static final EventType<ReceiveInput> EXPIRE = ALL.add("EXPIRE", ReceiveInput.class);

  private ReceiveEvent() {}
}
