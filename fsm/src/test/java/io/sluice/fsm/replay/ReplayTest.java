package io.sluice.fsm.replay;

import static io.sluice.fsm.Parcel.Event.DELIVER;
import static io.sluice.fsm.Parcel.Event.LOSE;
import static io.sluice.fsm.Parcel.Event.NUDGE;
import static io.sluice.fsm.Parcel.Event.SCAN;
import static io.sluice.fsm.Parcel.Event.SHIP;
import static io.sluice.fsm.Parcel.State.DELIVERED;
import static io.sluice.fsm.Parcel.State.NEW;
import static io.sluice.fsm.Parcel.State.TRAVELLING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.Attachment;
import io.sluice.fsm.EntryHash;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.Parcel;
import io.sluice.fsm.Parcel.Event;
import io.sluice.fsm.Parcel.State;
import io.sluice.fsm.TransitionTable;
import io.sluice.fsm.replay.Difference.Kind;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.Node;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ReplayTest {

  private static final KnownTables TABLES = KnownTables.of(Parcel.TABLE);

  private static List<JournalEntry> history() {
    return DealScenario.of(Parcel.TABLE, Parcel.EMPTY)
        .on(SHIP, "fragile", TRAVELLING)
        .on(SCAN, "", TRAVELLING)
        .on(NUDGE, "hurry", TRAVELLING)
        .on(DELIVER, "done", DELIVERED)
        .ended()
        .history();
  }

  /** The history with one entry changed, and the chain after it left as it was. */
  private static List<JournalEntry> changed(int number, UnaryOperator<JournalEntry> change) {
    List<JournalEntry> entries = new ArrayList<>(history());
    entries.set(number - 1, change.apply(entries.get(number - 1)));
    return entries;
  }

  private static JournalEntry with(
      JournalEntry e, String event, Node input, String before, String after, Node data) {
    return new JournalEntry(
        e.machine(),
        e.table(),
        e.version(),
        e.sequence(),
        event,
        input,
        before,
        after,
        data,
        e.time(),
        e.previousHash(),
        e.attachments());
  }

  private static HistoryFooter footer(List<JournalEntry> entries) {
    HistoryDigest digest = new HistoryDigest();
    entries.forEach(digest::add);
    return digest.footer();
  }

  private static void assertDifference(Kind kind, long position, ReplayReport report) {
    Difference difference = report.difference().orElseThrow();
    assertEquals(kind, difference.kind(), difference.message());
    assertEquals(position, difference.position(), difference.message());
    assertEquals(position - 1, report.entries());
    assertFalse(report.same());
  }

  @Test
  void givenRecordedHistory_thenSame() {
    Replay replay = new Replay(TABLES);
    history().forEach(entry -> assertTrue(replay.add(entry)));

    ReplayReport report = replay.end(footer(history()));

    assertTrue(report.same());
    assertEquals(5, report.entries());
    assertEquals(Map.of(new MachineId("scenario"), "DELIVERED"), report.states());
  }

  @Test
  void givenChangedInput_thenDataDiffer() {
    assertDifference(
        Kind.DATA,
        2,
        Replay.of(
            changed(2, e -> with(e, "SHIP", Node.of("Fragile"), e.before(), e.after(), e.data())),
            TABLES));
  }

  @Test
  void givenChangedData_thenDataDiffer() {
    Node other = Parcel.DATA.encode(new Parcel("fragile", 7));

    assertDifference(
        Kind.DATA,
        3,
        Replay.of(
            changed(3, e -> with(e, e.event(), e.input(), e.before(), e.after(), other)), TABLES));
    assertDifference(
        Kind.DATA,
        3,
        Replay.of(
            changed(3, e -> with(e, e.event(), e.input(), e.before(), e.after(), Node.of(1))),
            TABLES));
    assertDifference(
        Kind.DATA,
        1,
        Replay.of(
            changed(1, e -> with(e, e.event(), e.input(), "", e.after(), Node.of(1))), TABLES));
  }

  @Test
  void givenChangedStateOrEvent_thenSaidSo() {
    assertDifference(
        Kind.STATE,
        2,
        Replay.of(
            changed(2, e -> with(e, e.event(), e.input(), e.before(), "LOST", e.data())), TABLES));
    assertDifference(
        Kind.STATE,
        2,
        Replay.of(
            changed(2, e -> with(e, e.event(), e.input(), "LOST", e.after(), e.data())), TABLES));
    assertDifference(
        Kind.STATE,
        1,
        Replay.of(changed(1, e -> with(e, e.event(), e.input(), "", "LOST", e.data())), TABLES));
    assertDifference(
        Kind.NO_ROW,
        2,
        Replay.of(
            changed(2, e -> with(e, "SCAN", e.input(), e.before(), e.after(), e.data())), TABLES));
    assertDifference(
        Kind.NO_ROW,
        2,
        Replay.of(
            changed(2, e -> with(e, "MELT", e.input(), e.before(), e.after(), e.data())), TABLES));
  }

  @Test
  void givenChangeThatNoStepShows_thenTheChainBreaksAfterIt() {
    UnaryOperator<JournalEntry> later =
        e ->
            new JournalEntry(
                e.machine(),
                e.table(),
                e.version(),
                e.sequence(),
                e.event(),
                e.input(),
                e.before(),
                e.after(),
                e.data(),
                e.time().plusMillis(1),
                e.previousHash(),
                e.attachments());

    assertDifference(Kind.CHAIN, 4, Replay.of(changed(3, later), TABLES));

    List<JournalEntry> lastChanged = changed(5, later);
    Replay replay = new Replay(TABLES);
    lastChanged.forEach(replay::add);
    assertEquals(Kind.HEAD, replay.end(footer(history())).difference().orElseThrow().kind());
  }

  @Test
  void givenChangedAttachment_thenTheChainBreaksAfterIt() {
    UnaryOperator<JournalEntry> more =
        e ->
            new JournalEntry(
                e.machine(),
                e.table(),
                e.version(),
                e.sequence(),
                e.event(),
                e.input(),
                e.before(),
                e.after(),
                e.data(),
                e.time(),
                e.previousHash(),
                List.of(new Attachment("voucher-given", Node.of(1))));

    assertDifference(Kind.CHAIN, 3, Replay.of(changed(2, more), TABLES));
  }

  @Test
  void givenEntriesMissing_thenSaidSo() {
    List<JournalEntry> history = history();
    List<JournalEntry> hole = new ArrayList<>(history);
    hole.remove(2);

    assertDifference(Kind.SEQUENCE, 3, Replay.of(hole, TABLES));
    assertDifference(Kind.SEQUENCE, 1, Replay.of(history.subList(1, 5), TABLES));

    Replay cut = new Replay(TABLES);
    history.subList(0, 4).forEach(cut::add);
    assertEquals(Kind.COUNT, cut.end(footer(history)).difference().orElseThrow().kind());

    Replay without = new Replay(TABLES);
    history.forEach(without::add);
    assertEquals(Kind.CUT_OFF, without.endCutOff().difference().orElseThrow().kind());

    Replay torn = new Replay(TABLES);
    history.subList(0, 2).forEach(torn::add);
    assertDifference(Kind.UNREADABLE, 3, torn.endUnreadable("ends in the middle of a record"));
  }

  @Test
  void givenFirstDifference_thenNothingAfterItIsLookedAt() {
    Replay replay = new Replay(TABLES);
    assertFalse(replay.add(history().get(1)));
    assertFalse(replay.add(history().getFirst()));

    assertDifference(Kind.SEQUENCE, 1, replay.end(footer(history())));
  }

  @Test
  void givenUnknownTableOrVersion_thenSaidSo() {
    assertDifference(Kind.UNKNOWN_TABLE, 1, Replay.of(history(), KnownTables.of()));
  }

  @Test
  void givenTwoVersions_thenEachEntryRunsThroughItsOwn() {
    TransitionTable<State, Parcel, String> next =
        TransitionTable.<State, Parcel, String>named("parcel", 2, Event.ALL)
            .between(NEW, Parcel.TABLE.ends())
            .storedAs(Parcel.DATA, Parcel.INPUT)
            .row(NEW, SHIP, TRAVELLING, (parcel, input) -> new Parcel(input, 100))
            .record(TRAVELLING, SCAN, (parcel, input) -> new Parcel(parcel.note(), 0))
            .again(TRAVELLING, NUDGE, (parcel, input) -> parcel)
            .row(TRAVELLING, DELIVER, DELIVERED, (parcel, input) -> parcel)
            .fromAnyLive(LOSE, State.LOST, (parcel, input) -> parcel)
            .build();
    List<JournalEntry> entries = new ArrayList<>(history().subList(0, 2));
    JournalEntry last = entries.getLast();
    entries.add(
        new JournalEntry(
            last.machine(),
            "parcel",
            2,
            3,
            "SCAN",
            Node.of(""),
            "TRAVELLING",
            "TRAVELLING",
            Parcel.DATA.encode(new Parcel("fragile", 0)),
            last.time(),
            last.hash(),
            List.of()));

    assertTrue(Replay.of(entries, KnownTables.of(Parcel.TABLE, next)).same());
    assertDifference(Kind.UNKNOWN_TABLE, 3, Replay.of(entries, TABLES));
    assertThrows(IllegalArgumentException.class, () -> KnownTables.of(Parcel.TABLE, Parcel.TABLE));
  }

  @Test
  void givenAnyFlippedByteOfAnyEntry_thenNeverTakenForTheOriginal() {
    List<JournalEntry> history = history();
    HistoryFooter footer = footer(history);
    for (int number = 0; number < history.size(); number++) {
      byte[] stored = DagCbor.encode(history.get(number).toNode());
      for (int at = 0; at < stored.length; at++) {
        byte[] flipped = stored.clone();
        flipped[at] ^= 1;
        assertFalse(replayed(history, number, flipped, footer).same(), number + " at " + at);
      }
    }
  }

  private static ReplayReport replayed(
      List<JournalEntry> history, int number, byte[] instead, HistoryFooter footer) {
    Replay replay = new Replay(TABLES);
    for (int i = 0; i < history.size(); i++) {
      JournalEntry entry = history.get(i);
      if (i == number) {
        try {
          entry = JournalEntry.of(DagCbor.decodeStrict(ByteBuffer.wrap(instead), Limits.BLOCK));
        } catch (ProtocolException e) {
          return replay.endUnreadable(e.getMessage());
        }
      }
      if (!replay.add(entry)) {
        break;
      }
    }
    return replay.end(footer);
  }

  @Test
  void givenScenariosThatAreWrong_thenTheErrorTellsTheWay() {
    DealScenario<State, Parcel, String> scenario = DealScenario.of(Parcel.TABLE, Parcel.EMPTY);

    assertEquals(
        "SCAN is refused in NEW; so far: (started) -> NEW",
        assertThrows(AssertionError.class, () -> scenario.on(SCAN, "", NEW)).getMessage());
    assertThrows(AssertionError.class, () -> scenario.on(SHIP, "", DELIVERED));
    assertThrows(AssertionError.class, () -> scenario.refuses(SCAN));
    assertThrows(AssertionError.class, scenario::ended);
    assertThrows(AssertionError.class, () -> scenario.holds("it has a note", p -> p.scans() > 0));
    assertEquals(TRAVELLING, scenario.state());
  }

  @Test
  void givenEntries_thenHashesAreFixedForGood() {
    JournalEntry first = history().getFirst();

    assertEquals(
        EntryHash.sha256(DagCbor.encode(first.toNode())).toString(), first.hash().toString());
    assertEquals(first, JournalEntry.of(first.toNode()));
    assertThrows(ProtocolException.class, () -> JournalEntry.of(Node.of(1)));
    assertThrows(ProtocolException.class, () -> JournalEntry.of(Node.map().put("form", 9).build()));
  }

  @Test
  void givenRecordedMachine_whenGoneOnWith_thenItsHistoryCounts() {
    DealScenario<State, Parcel, String> scenario =
        DealScenario.recorded(Parcel.TABLE, history().subList(0, 3))
            .on(LOSE, "gone", State.LOST)
            .passedThrough(List.of(NEW, TRAVELLING, State.LOST))
            .ended()
            .replays();

    assertThrows(AssertionError.class, () -> scenario.passedThrough(List.of(NEW, State.LOST)));
    assertThrows(
        AssertionError.class, () -> DealScenario.recorded(Parcel.TABLE, history().subList(1, 3)));
  }
}
