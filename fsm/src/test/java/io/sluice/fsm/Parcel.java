package io.sluice.fsm;

import static io.sluice.fsm.Parcel.Event.DELIVER;
import static io.sluice.fsm.Parcel.Event.LOSE;
import static io.sluice.fsm.Parcel.Event.NUDGE;
import static io.sluice.fsm.Parcel.Event.SCAN;
import static io.sluice.fsm.Parcel.Event.SHIP;
import static io.sluice.fsm.Parcel.State.DELIVERED;
import static io.sluice.fsm.Parcel.State.LOST;
import static io.sluice.fsm.Parcel.State.NEW;
import static io.sluice.fsm.Parcel.State.TRAVELLING;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.NodeCodec;
import java.util.EnumSet;

/** A small machine with a row of every kind, for tests of what runs machines. */
public record Parcel(String note, long scans) {

  /** Where a parcel may be. */
  public enum State {
    NEW,
    TRAVELLING,
    DELIVERED,
    LOST
  }

  /** What may happen to it. */
  public static final class Event {
    public static final EventTypes<String> ALL = new EventTypes<>();

    public static final EventType<String> SHIP = ALL.add("SHIP", String.class);
    public static final EventType<String> SCAN = ALL.add("SCAN", String.class);
    public static final EventType<String> NUDGE = ALL.add("NUDGE", String.class);
    public static final EventType<String> DELIVER = ALL.add("DELIVER", String.class);
    public static final EventType<String> LOSE = ALL.add("LOSE", String.class);

    private Event() {}
  }

  public static final Parcel EMPTY = new Parcel("", 0);

  public static final NodeCodec<Parcel> DATA =
      MapCodec.of(
          f ->
              new Parcel(
                  f.get("note", NodeCodec.TEXT, Parcel::note),
                  f.get("scans", NodeCodec.LONG, Parcel::scans)));

  public static final NodeCodec<String> INPUT = NodeCodec.TEXT;

  public static final TransitionTable<State, Parcel, String> TABLE = table(1).build();

  public static TableBuilder<State, Parcel, String> table(int version) {
    return TransitionTable.<State, Parcel, String>named("parcel", version, Event.ALL)
        .between(NEW, EnumSet.of(DELIVERED, LOST))
        .storedAs(DATA, INPUT)
        .heading("on the way")
        .row(NEW, SHIP, TRAVELLING, Parcel::noted)
        .record(TRAVELLING, SCAN, Parcel::scanned)
        .again(TRAVELLING, NUDGE, Parcel::noted)
        .row(TRAVELLING, DELIVER, DELIVERED, Parcel::noted)
        .heading("mishaps")
        .fromAnyLive(LOSE, LOST, Parcel::noted);
  }

  Parcel noted(String input) {
    if (input.equals("throw")) {
      throw new IllegalArgumentException("told to");
    }
    return new Parcel(input, scans);
  }

  Parcel scanned(String input) {
    return new Parcel(note, scans + 1);
  }
}
