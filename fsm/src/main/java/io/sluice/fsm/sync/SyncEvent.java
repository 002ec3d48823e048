package io.sluice.fsm.sync;

import io.sluice.fsm.EventType;
import io.sluice.fsm.EventTypes;
import io.sluice.fsm.sync.SyncInput.DonePage;
import io.sluice.fsm.sync.SyncInput.NewNumbering;
import io.sluice.fsm.sync.SyncInput.NoInput;
import io.sluice.fsm.sync.SyncInput.UpTo;

/** What happens to a sync with a neighbour, at the node that pulls. */
public final class SyncEvent {
  static final EventTypes<SyncInput> ALL = new EventTypes<>();

  /** What an interval brought is durable here; some of its numbers may have to be tried again. */
  public static final EventType<DonePage> PAGE_DONE = ALL.add("PAGE_DONE", DonePage.class);

  /** The neighbour numbers anew, or this node does: what is known of numbers is void. */
  public static final EventType<NewNumbering> EPOCH_CHANGED =
      ALL.add("EPOCH_CHANGED", NewNumbering.class);

  /** Blocks that were here are not any more: numbers up to one are looked through again. */
  public static final EventType<UpTo> SET_BACK = ALL.add("SET_BACK", UpTo.class);

  /** The neighbour pulls from here, as it was asked to. */
  public static final EventType<NoInput> FOLLOWED = ALL.add("FOLLOWED", NoInput.class);

  /** The operator wants a pause. */
  public static final EventType<NoInput> PAUSE = ALL.add("PAUSE", NoInput.class);

  /** The operator wants it to go on. */
  public static final EventType<NoInput> RESUME = ALL.add("RESUME", NoInput.class);

  /** The operator takes it back. */
  public static final EventType<NoInput> REMOVE = ALL.add("REMOVE", NoInput.class);

  private SyncEvent() {}
}
