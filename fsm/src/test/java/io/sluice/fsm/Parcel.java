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

import io.sluice.protocol.ipld.Node;
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
  public enum Event {
    SHIP,
    SCAN,
    NUDGE,
    DELIVER,
    LOSE
  }

  public static final Parcel EMPTY = new Parcel("", 0);

  public static final DataCodec<Parcel> DATA =
      new DataCodec<>() {
        @Override
        public Node encode(Parcel parcel) {
          return Node.map()
              .put("note", Node.of(parcel.note()))
              .put("scans", Node.of(parcel.scans()))
              .build();
        }

        @Override
        public Parcel decode(Node node) {
          return new Parcel(node.get("note").asText(), node.get("scans").asLong());
        }
      };

  public static final DataCodec<String> INPUT =
      new DataCodec<>() {
        @Override
        public Node encode(String input) {
          return Node.of(input);
        }

        @Override
        public String decode(Node node) {
          return node.asText();
        }
      };

  public static final TransitionTable<State, Event, Parcel, String> TABLE = table(1).build();

  public static TableBuilder<State, Event, Parcel, String> table(int version) {
    return TransitionTable.<State, Event, Parcel, String>named("parcel", version)
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
