package io.sluice.fsm.engine;

import static io.sluice.fsm.Parcel.Event.DELIVER;
import static io.sluice.fsm.Parcel.Event.LOSE;
import static io.sluice.fsm.Parcel.Event.NUDGE;
import static io.sluice.fsm.Parcel.Event.SCAN;
import static io.sluice.fsm.Parcel.Event.SHIP;
import static io.sluice.fsm.Parcel.State.DELIVERED;
import static io.sluice.fsm.Parcel.State.NEW;
import static io.sluice.fsm.Parcel.State.TRAVELLING;
import static io.sluice.fsm.engine.EngineFixture.failureOf;
import static io.sluice.fsm.engine.EngineFixture.refusalOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.Applied;
import io.sluice.fsm.Attachment;
import io.sluice.fsm.EntryHash;
import io.sluice.fsm.EventRefused;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineExists;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MachinesStopped;
import io.sluice.fsm.MemoryJournal;
import io.sluice.fsm.Parcel;
import io.sluice.fsm.Parcel.State;
import io.sluice.fsm.RecordingFailed;
import io.sluice.fsm.Step;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.UnknownMachine;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.fsm.replay.Replay;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MachinesTest {

  private static final MachineId ID = new MachineId("c-1");

  private EngineFixture fixture;

  @BeforeEach
  void startEngine() {
    fixture = new EngineFixture();
  }

  @AfterEach
  void stopEngine() {
    fixture.close();
  }

  private Machines<State, Parcel, String> parcels(Map<State, Step<Parcel, String>> steps) {
    return fixture.engine.machines(Parcel.TABLE, steps);
  }

  private Machines<State, Parcel, String> parcels() {
    return parcels(Map.of());
  }

  @Test
  void givenNothing_whenStartedAndSent_thenJournalHoldsAChain() throws IOException {
    Machines<State, Parcel, String> parcels = parcels();
    Attachment voucher = new Attachment("voucher-given", Node.of("signed"));

    parcels.start(ID, Parcel.EMPTY).join();
    parcels.send(ID, SHIP, "fragile").join();
    Applied<State, Parcel> applied = parcels.send(ID, SCAN, "", List.of(voucher)).join();

    List<JournalEntry> entries = fixture.journal.entries();
    assertEquals(
        List.of(JournalEntry.STARTED, "SHIP", "SCAN"),
        entries.stream().map(JournalEntry::event).toList());
    assertEquals(EntryHash.ZERO, entries.get(0).previousHash());
    assertEquals(entries.get(0).hash(), entries.get(1).previousHash());
    assertEquals(entries.get(1).hash(), entries.get(2).previousHash());
    assertEquals(List.of(voucher), entries.get(2).attachments());
    assertEquals(EngineFixture.NOW, entries.get(2).time());
    assertEquals(entries.get(2), applied.entry());
    assertEquals(new Parcel("fragile", 1), applied.data());
    assertEquals(entries, parcels.history(ID));
    assertEquals(List.of(), parcels.history(new MachineId("c-2")));

    MachineView<State, Parcel> view = parcels.get(ID).orElseThrow();
    assertEquals(TRAVELLING, view.state());
    assertEquals(3, view.sequence());
    assertFalse(view.ended());
  }

  @Test
  void givenEventWithoutRow_whenSent_thenRefusedCountedAndNothingChanged() throws IOException {
    Machines<State, Parcel, String> parcels = parcels();
    parcels.start(ID, Parcel.EMPTY).join();

    EventRefused refusal =
        assertInstanceOf(EventRefused.class, refusalOf(parcels.send(ID, SCAN, "")));

    assertEquals(ID, refusal.machine());
    assertSame(NEW, refusal.state());
    assertSame(SCAN, refusal.event());
    assertEquals(1, parcels.refused(NEW, SCAN));
    assertEquals(1, parcels.refused());
    assertEquals(List.of(refusal), fixture.refused);
    assertEquals(1, fixture.journal.entries().size());
    assertEquals(NEW, parcels.get(ID).orElseThrow().state());
  }

  @Test
  void givenUnknownAndTakenIds_thenSaidSo() {
    Machines<State, Parcel, String> parcels = parcels();

    assertInstanceOf(UnknownMachine.class, refusalOf(parcels.send(ID, SHIP, "")));
    parcels.start(ID, Parcel.EMPTY).join();
    assertInstanceOf(MachineExists.class, refusalOf(parcels.start(ID, Parcel.EMPTY)));
  }

  @Test
  void givenRecorderThatThrows_thenNothingChangesAndTheNextEventIsFine() {
    Machines<State, Parcel, String> parcels = parcels();
    parcels.start(ID, Parcel.EMPTY).join();

    RecordingFailed failure =
        assertInstanceOf(RecordingFailed.class, refusalOf(parcels.send(ID, SHIP, "throw")));

    assertEquals("told to", failure.getCause().getMessage());
    assertEquals(List.of("recording told to"), fixture.complaints);
    assertEquals(1, fixture.journal.entries().size());
    assertEquals(TRAVELLING, parcels.send(ID, SHIP, "again").join().after());
  }

  @Test
  void givenSteps_whenRowsOfAllKinds_thenMoveAndAgainRunThem() throws Exception {
    BlockingQueue<String> ran = new LinkedBlockingQueue<>();
    Machines<State, Parcel, String> parcels =
        parcels(Map.of(TRAVELLING, (id, data, reports) -> ran.add(data.note())));
    parcels.start(ID, Parcel.EMPTY).join();

    parcels.send(ID, SHIP, "one").join();
    assertEquals("one", ran.poll(30, TimeUnit.SECONDS));
    parcels.send(ID, SCAN, "").join();
    parcels.send(ID, NUDGE, "two").join();
    assertEquals("two", ran.poll(30, TimeUnit.SECONDS));
    parcels.send(ID, DELIVER, "three").join();

    fixture.close();
    assertTrue(ran.isEmpty(), ran.toString());
  }

  @Test
  void givenStepUnderWay_whenAgainTwice_thenRunsOnceMoreWithTheNewestData() throws Exception {
    BlockingQueue<String> ran = new LinkedBlockingQueue<>();
    CountDownLatch hold = new CountDownLatch(1);
    Machines<State, Parcel, String> parcels =
        parcels(
            Map.of(
                TRAVELLING,
                (id, data, reports) -> {
                  ran.add(data.note());
                  if (data.note().equals("one")) {
                    hold.await();
                  }
                }));
    parcels.start(ID, Parcel.EMPTY).join();

    parcels.send(ID, SHIP, "one").join();
    assertEquals("one", ran.poll(30, TimeUnit.SECONDS));
    parcels.send(ID, NUDGE, "two").join();
    parcels.send(ID, NUDGE, "three").join();
    hold.countDown();

    assertEquals("three", ran.poll(30, TimeUnit.SECONDS));
  }

  @Test
  void givenStepThatReports_whenMachineMovesOnMeanwhile_thenStepCanSeeIt() throws Exception {
    CompletableFuture<Boolean> before = new CompletableFuture<>();
    CompletableFuture<Boolean> after = new CompletableFuture<>();
    CountDownLatch moved = new CountDownLatch(1);
    Machines<State, Parcel, String> parcels =
        parcels(
            Map.of(
                TRAVELLING,
                (id, data, reports) -> {
                  before.complete(reports.isCurrent());
                  moved.await();
                  after.complete(reports.isCurrent());
                  reports.send(SCAN, "");
                }));
    parcels.start(ID, Parcel.EMPTY).join();
    parcels.send(ID, SHIP, "").join();
    assertTrue(before.get(30, TimeUnit.SECONDS));

    parcels.send(ID, LOSE, "gone").join();
    moved.countDown();

    assertFalse(after.get(30, TimeUnit.SECONDS));
  }

  @Test
  void givenStepThatReports_thenItsEventsMoveTheMachine() throws Exception {
    CompletableFuture<Applied<State, Parcel>> ended = new CompletableFuture<>();
    Machines<State, Parcel, String> parcels =
        parcels(
            Map.of(
                NEW, (id, data, reports) -> reports.send(SHIP, "by step"),
                TRAVELLING, (id, data, reports) -> reports.send(DELIVER, "by step")));
    parcels.listen(
        applied -> {
          if (applied.after() == DELIVERED) {
            ended.complete(applied);
          }
        });

    parcels.start(ID, Parcel.EMPTY).join();

    assertEquals(3, ended.get(30, TimeUnit.SECONDS).entry().sequence());
  }

  @Test
  void givenStepThatThrows_thenComplaintAndMachineStays() throws Exception {
    Machines<State, Parcel, String> parcels =
        parcels(
            Map.of(
                TRAVELLING,
                (id, data, reports) -> {
                  throw new IOException("wrong");
                }));
    parcels.start(ID, Parcel.EMPTY).join();
    parcels.send(ID, SHIP, "").join();

    fixture.workers.close();

    assertEquals(List.of("step c-1 TRAVELLING wrong"), fixture.complaints);
    assertEquals(TRAVELLING, parcels.get(ID).orElseThrow().state());
  }

  @Test
  void givenListeners_thenToldInOrderAndOneThatThrowsChangesNothing() {
    Machines<State, Parcel, String> parcels = parcels();
    List<String> heard = new ArrayList<>();
    parcels.listen(
        applied -> {
          throw new IllegalStateException("deaf");
        });
    parcels.listen(applied -> heard.add(applied.event()));

    parcels.start(ID, Parcel.EMPTY);
    parcels.send(ID, SHIP, "");
    parcels.send(ID, SCAN, "");
    parcels.send(ID, DELIVER, "");
    fixture.engine.close();

    assertEquals(List.of(JournalEntry.STARTED, "SHIP", "SCAN", "DELIVER"), heard);
    assertEquals(4, fixture.complaints.size());
    assertEquals("listener c-1 deaf", fixture.complaints.getFirst());
  }

  @Test
  void givenJournalThatFails_thenEverythingStops() {
    Machines<State, Parcel, String> parcels = parcels();
    List<String> heard = new CopyOnWriteArrayList<>();
    parcels.listen(applied -> heard.add(applied.event()));
    parcels.start(ID, Parcel.EMPTY).join();
    fixture.journal.failAppends();

    Throwable failure = failureOf(parcels.send(ID, SHIP, ""));

    assertInstanceOf(MachinesStopped.class, failure);
    assertEquals("no space left", failure.getCause().getMessage());
    assertEquals("no space left", fixture.fatal.join().getMessage());
    assertInstanceOf(
        MachinesStopped.class, failureOf(parcels.start(new MachineId("c-2"), Parcel.EMPTY)));
    assertInstanceOf(MachinesStopped.class, failureOf(parcels.send(ID, SHIP, "")));
    assertEquals(List.of(JournalEntry.STARTED), heard);
  }

  @Test
  void givenStoreThatFails_thenEverythingStops() {
    Machines<State, Parcel, String> parcels = parcels();
    fixture.journal.failSaves();

    assertInstanceOf(MachinesStopped.class, failureOf(parcels.start(ID, Parcel.EMPTY)));
    assertEquals("database closed", fixture.fatal.join().getMessage());
  }

  @Test
  void givenClosedEngine_whenSent_thenStopped() {
    Machines<State, Parcel, String> parcels = parcels();
    fixture.engine.close();

    MachinesStopped stopped =
        assertInstanceOf(MachinesStopped.class, failureOf(parcels.start(ID, Parcel.EMPTY)));
    assertEquals(null, stopped.getCause());
  }

  @Test
  void givenLiveAndEndedAndUnreadable_whenRecovered_thenLiveOnesStep() throws Exception {
    Machines<State, Parcel, String> before = parcels();
    MachineId ended = new MachineId("c-2");
    before.start(ID, Parcel.EMPTY).join();
    before.send(ID, SHIP, "alive").join();
    before.start(ended, Parcel.EMPTY).join();
    before.send(ended, LOSE, "").join();
    fixture.close();
    MemoryJournal journal = fixture.journal;
    StoredMachine alive = journal.load(ID).orElseThrow();
    MachineId odd = new MachineId("c-3");
    journal.plant(
        new StoredMachine(
            odd, "parcel", 1, "MELTED", false, alive.data(), 1, alive.head(), alive.changed()));

    fixture = new EngineFixture(journal);
    BlockingQueue<String> ran = new LinkedBlockingQueue<>();
    Machines<State, Parcel, String> parcels =
        parcels(Map.of(TRAVELLING, (id, data, reports) -> ran.add(id + " " + data.note())));
    Recovered recovered = parcels.recover();

    assertEquals(new Recovered(1, List.of(odd)), recovered);
    assertEquals("c-1 alive", ran.poll(30, TimeUnit.SECONDS));
    assertEquals(List.of("unreadable c-3"), fixture.complaints);
  }

  @Test
  void givenMachineThatIsUnreadable_whenItsStepIsDue_thenComplaintAndNothingRuns()
      throws Exception {
    List<String> ran = new CopyOnWriteArrayList<>();
    Machines<State, Parcel, String> parcels =
        parcels(Map.of(TRAVELLING, (id, data, reports) -> ran.add(data.note())));
    parcels.start(ID, Parcel.EMPTY).join();
    StoredMachine sound = fixture.journal.load(ID).orElseThrow();
    fixture.journal.plant(
        new StoredMachine(
            ID,
            sound.table(),
            sound.version(),
            "TRAVELLING",
            false,
            Node.of(7),
            sound.sequence(),
            sound.head(),
            sound.changed()));

    parcels.runStepIfIn(ID, TRAVELLING);
    parcels.runStepIfIn(ID, NEW);
    parcels.runStepIfIn(new MachineId("c-9"), TRAVELLING);

    assertEquals(List.of("unreadable c-1"), fixture.complaints);
    assertEquals(List.of(), ran);
  }

  @Test
  void givenStepForAnEndState_thenRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> parcels(Map.of(DELIVERED, (id, data, reports) -> {})));
  }

  @Test
  void givenFullMailbox_whenListenersSend_thenNobodyWaitsForEver() throws Exception {
    fixture.close();
    fixture =
        new EngineFixture(new MemoryJournal(), new EngineLimits(2, 1, Duration.ofSeconds(30)));
    Machines<State, Parcel, String> parcels = parcels();
    MachineId other = new MachineId("c-2");
    parcels.start(other, Parcel.EMPTY).join();
    parcels.send(other, SHIP, "").join();
    CountDownLatch scanned = new CountDownLatch(102);
    parcels.listen(
        applied -> {
          if (applied.machine().equals(ID)) {
            var unused = parcels.send(other, SCAN, "");
          } else if (applied.event().equals(SCAN.name())) {
            scanned.countDown();
          }
        });
    parcels.start(ID, Parcel.EMPTY);
    parcels.send(ID, SHIP, "");

    List<CompletableFuture<?>> sent = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      sent.add(parcels.send(ID, SCAN, ""));
    }
    sent.forEach(CompletableFuture::join);

    assertTrue(scanned.await(30, TimeUnit.SECONDS));
    assertEquals(2 + 2 + 100 + 102, fixture.journal.entries().size());
  }

  @Test
  void givenPartsOfOneDeal_thenOneStripe() {
    assertEquals(
        fixture.engine.stripeOf(ID), fixture.engine.stripeOf(ID.part("transfer").part("more")));
  }

  @Test
  void givenMachineOfAnOlderTable_whenSent_thenTheNewTableTakesOver() throws IOException {
    Machines<State, Parcel, String> before = parcels();
    before.start(ID, Parcel.EMPTY).join();
    fixture.close();

    fixture = new EngineFixture(fixture.journal);
    Machines<State, Parcel, String> parcels =
        fixture.engine.machines(Parcel.table(2).build(), Map.of());
    Applied<State, Parcel> applied = parcels.send(ID, SHIP, "on").join();

    assertEquals(2, applied.entry().version());
    assertEquals(TRAVELLING, parcels.get(ID).orElseThrow().state());
    assertTrue(
        Replay.of(fixture.journal.entries(), KnownTables.of(Parcel.TABLE, Parcel.table(2).build()))
            .same());
  }

  @Test
  void givenMachinesOfATable_whenAskedForOnceMore_thenRefused() {
    parcels();
    assertThrows(IllegalStateException.class, this::parcels);
  }

  @Test
  void givenMachineOfAnotherTable_whenSent_thenUnknown() {
    parcels().start(ID, Parcel.EMPTY).join();
    StoredMachine own = fixture.journal.load(ID).orElseThrow();
    fixture.journal.plant(
        new StoredMachine(
            ID, "letter", 1, own.state(), false, own.data(), 1, own.head(), own.changed()));
    fixture.engine.close();
    fixture = new EngineFixture(fixture.journal);

    assertInstanceOf(UnknownMachine.class, refusalOf(parcels().send(ID, SHIP, "")));
  }

  @Test
  void givenWorkersThatAreGone_whenAStepIsDue_thenTheEventStandsAndNothingIsFatal() {
    Machines<State, Parcel, String> parcels =
        parcels(Map.of(TRAVELLING, (id, data, reports) -> {}));
    parcels.start(ID, Parcel.EMPTY).join();
    fixture.workers.shutdownNow();

    assertEquals(TRAVELLING, parcels.send(ID, SHIP, "").join().after());
    assertEquals(DELIVERED, parcels.send(ID, DELIVER, "").join().after());
    assertFalse(fixture.fatal.isDone());
  }

  @Test
  void givenListenerThatWaitsForAnEvent_thenRefusedInsteadOfStandingStill() {
    Machines<State, Parcel, String> parcels = parcels();
    CompletableFuture<?> tried = new CompletableFuture<>();
    parcels.listen(
        applied -> {
          if (applied.started()) {
            try {
              parcels.send(ID, SHIP, "").thenApply(shipped -> shipped).join();
            } finally {
              tried.complete(null);
            }
          }
        });

    parcels.start(ID, Parcel.EMPTY).join();
    tried.join(); // listeners hear of an event after its future is done
    fixture.engine.close();

    assertEquals(List.of("listener c-1 a stripe must not wait for an event"), fixture.complaints);
    assertEquals(2, fixture.journal.entries().size());
  }
}
