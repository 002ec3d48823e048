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
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.Parcel.Event;
import io.sluice.fsm.Parcel.State;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TransitionTableTest {

  private static final Recorder<Parcel, String> KEEP = Recorder.unchanged();

  private static TableBuilder<State, Parcel, String> empty() {
    return TransitionTable.<State, Parcel, String>named("parcel", 1, Event.ALL)
        .between(NEW, EnumSet.of(DELIVERED, LOST))
        .storedAs(Parcel.DATA, Parcel.INPUT);
  }

  private static void assertDefect(String says, TableBuilder<State, Parcel, String> builder) {
    String message = assertThrows(IllegalStateException.class, builder::build).getMessage();
    assertTrue(message.contains(says), message);
  }

  @Test
  void givenTable_whenAsked_thenRowsAndRefusals() {
    TransitionTable<State, Parcel, String> table = Parcel.TABLE;

    assertEquals(TRAVELLING, table.row(NEW, SHIP).orElseThrow().to());
    assertEquals(RowKind.RECORD, table.row(TRAVELLING, SCAN).orElseThrow().kind());
    assertEquals(RowKind.AGAIN, table.row(TRAVELLING, NUDGE).orElseThrow().kind());
    assertEquals(LOST, table.row(TRAVELLING, LOSE).orElseThrow().to());
    assertTrue(table.row(NEW, LOSE).orElseThrow().anyLive());
    assertFalse(table.row(NEW, SCAN).isPresent());
    assertFalse(table.row(LOST, LOSE).isPresent());
    assertEquals(6, table.rows().size());
  }

  @Test
  void givenRowOfItsOwn_whenRuleForAnyLive_thenRowWins() {
    TransitionTable<State, Parcel, String> table = Parcel.table(1).record(NEW, LOSE, KEEP).build();

    assertEquals(RowKind.RECORD, table.row(NEW, LOSE).orElseThrow().kind());
    assertEquals(LOST, table.row(TRAVELLING, LOSE).orElseThrow().to());
  }

  @Test
  void givenRuleIntoLiveState_whenAlreadyThere_thenAgain() {
    TransitionTable<State, Parcel, String> table =
        empty()
            .row(NEW, SHIP, DELIVERED, KEEP)
            .row(TRAVELLING, DELIVER, LOST, KEEP)
            .fromAnyLive(LOSE, TRAVELLING, KEEP)
            .recordInAnyLive(SCAN, KEEP)
            .againInAnyLive(NUDGE, KEEP)
            .build();

    assertEquals(RowKind.AGAIN, table.row(TRAVELLING, LOSE).orElseThrow().kind());
    assertEquals(RowKind.MOVE, table.row(NEW, LOSE).orElseThrow().kind());
    assertEquals(RowKind.RECORD, table.row(NEW, SCAN).orElseThrow().kind());
    assertEquals(RowKind.AGAIN, table.row(NEW, NUDGE).orElseThrow().kind());
  }

  @Test
  void givenTwoRowsForACell_thenRefusedAtOnce() {
    assertThrows(
        IllegalStateException.class,
        () -> empty().row(NEW, SHIP, TRAVELLING, KEEP).record(NEW, SHIP, KEEP));
    assertThrows(
        IllegalStateException.class,
        () -> empty().fromAnyLive(LOSE, LOST, KEEP).recordInAnyLive(LOSE, KEEP));
  }

  @Test
  void givenEventOfAnotherMachine_thenRefused() {
    EventType<String> melt = new EventTypes<String>().add("MELT", String.class);

    assertDefect(
        "MELT, which is none of this machine", Parcel.table(1).record(TRAVELLING, melt, KEEP));
  }

  @Test
  void givenRowToItself_thenRefusedAtOnce() {
    assertThrows(IllegalArgumentException.class, () -> empty().row(NEW, SHIP, NEW, KEEP));
  }

  @Test
  void givenRowOutOfEnd_thenRefused() {
    assertDefect("out of the end state LOST", Parcel.table(1).row(LOST, SHIP, NEW, KEEP));
  }

  @Test
  void givenEventWithoutRow_thenRefused() {
    assertDefect(
        "no row takes the event NUDGE",
        empty()
            .row(NEW, SHIP, TRAVELLING, KEEP)
            .record(TRAVELLING, SCAN, KEEP)
            .row(TRAVELLING, DELIVER, DELIVERED, KEEP)
            .fromAnyLive(LOSE, LOST, KEEP));
  }

  @Test
  void givenStateOutOfReach_thenRefused() {
    assertDefect(
        "no way leads from NEW to DELIVERED",
        empty()
            .row(NEW, SHIP, TRAVELLING, KEEP)
            .record(Set.of(NEW, TRAVELLING), SCAN, KEEP)
            .again(TRAVELLING, NUDGE, KEEP)
            .record(TRAVELLING, DELIVER, KEEP)
            .fromAnyLive(LOSE, LOST, KEEP));
  }

  @Test
  void givenStateWithoutWayToAnEnd_thenRefused() {
    assertDefect(
        "no way leads from TRAVELLING to an end",
        empty()
            .row(NEW, SHIP, TRAVELLING, KEEP)
            .record(TRAVELLING, SCAN, KEEP)
            .again(TRAVELLING, NUDGE, KEEP)
            .row(NEW, DELIVER, DELIVERED, KEEP)
            .row(NEW, LOSE, LOST, KEEP));
  }

  @Test
  void givenRuleThatNoStateIsLeftFor_thenRefused() {
    assertDefect("drop the rule", Parcel.table(1).record(Set.of(NEW, TRAVELLING), LOSE, KEEP));
  }

  @Test
  void givenNothingButAName_thenRefused() {
    assertThrows(
        IllegalStateException.class,
        () -> TransitionTable.<State, Parcel, String>named("parcel", 1, Event.ALL).build());
    assertThrows(
        IllegalArgumentException.class,
        () -> TransitionTable.<State, Parcel, String>named("parcel", 0, Event.ALL));
  }

  @Test
  void givenTypedRecorder_whenOtherInput_thenRefusedByName() {
    Recorder<Parcel, Object> typed = Parcel.TABLE.row(NEW, SHIP).orElseThrow().recorder();

    assertEquals("a", typed.record(Parcel.EMPTY, "a").note());
    assertThrows(IllegalArgumentException.class, () -> typed.record(Parcel.EMPTY, 7));
  }
}
