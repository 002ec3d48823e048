package io.sluice.fsm.engine;

import static io.sluice.fsm.Parcel.Event.DELIVER;
import static io.sluice.fsm.Parcel.Event.NUDGE;
import static io.sluice.fsm.Parcel.Event.SCAN;
import static io.sluice.fsm.Parcel.Event.SHIP;
import static io.sluice.fsm.Parcel.State.DELIVERED;
import static io.sluice.fsm.Parcel.State.NEW;
import static io.sluice.fsm.Parcel.State.TRAVELLING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.MemoryJournal;
import io.sluice.fsm.Parcel;
import io.sluice.fsm.Parcel.State;
import io.sluice.fsm.Step;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.fsm.replay.Replay;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever the instant at which a process ends, the next one goes on from what was durable. */
class CrashTest {

  /** By itself a parcel is shipped, scanned, nudged once and delivered. */
  private static final Map<State, Step<Parcel, String>> STEPS =
      Map.of(
          NEW, (id, data, reports) -> reports.send(SHIP, "on"),
          TRAVELLING,
              (id, data, reports) -> {
                if (data.scans() == 0) {
                  reports.send(SCAN, "");
                  reports.send(NUDGE, "hurry");
                } else {
                  reports.send(DELIVER, "done");
                }
              });

  @ParameterizedTest
  @CsvSource({
    "0, false", "1, false", "2, false", "3, false", "4, false", "5, false",
    "0, true", "1, true", "2, true", "3, true", "4, true", "5, true"
  })
  void givenAppendThatFails_whenStartedAnew_thenTheMachineEnds(int append, boolean durable)
      throws Exception {
    MachineId id = new MachineId("c-1");
    MemoryJournal journal = new MemoryJournal();
    journal.failAppendsAfter(append, durable);
    try (EngineFixture first = new EngineFixture(journal)) {
      CompletableFuture<State> ended = new CompletableFuture<>();
      Machines<State, Parcel, String> parcels = run(first, ended);
      var unused = parcels.start(id, Parcel.EMPTY);
      CompletableFuture.anyOf(first.fatal, ended).get(30, TimeUnit.SECONDS);
    }

    MemoryJournal reopened = journal.reopened(Parcel.TABLE);
    try (EngineFixture second = new EngineFixture(reopened)) {
      CompletableFuture<State> ended = new CompletableFuture<>();
      Machines<State, Parcel, String> parcels = run(second, ended);
      if (parcels.get(id).isEmpty()) {
        var unused = parcels.start(id, Parcel.EMPTY);
      } else if (parcels.get(id).orElseThrow().ended()) {
        ended.complete(parcels.get(id).orElseThrow().state());
      } else {
        parcels.recover();
      }
      assertEquals(DELIVERED, ended.get(30, TimeUnit.SECONDS));
      assertTrue(Replay.of(reopened.entries(), KnownTables.of(Parcel.TABLE)).same());
    }
  }

  private static Machines<State, Parcel, String> run(
      EngineFixture fixture, CompletableFuture<State> ended) {
    Machines<State, Parcel, String> parcels = fixture.engine.machines(Parcel.TABLE, STEPS);
    parcels.listen(
        applied -> {
          if (Parcel.TABLE.isEnd(applied.after())) {
            ended.complete(applied.after());
          }
        });
    return parcels;
  }

  @Test
  void givenManySendersAtOnce_thenEveryMachineHasOneUnbrokenHistory() throws Exception {
    int machines = 12;
    int senders = 4;
    int events = 100;
    try (EngineFixture fixture = new EngineFixture()) {
      Machines<State, Parcel, String> parcels = fixture.engine.machines(Parcel.TABLE, Map.of());
      for (int i = 0; i < machines; i++) {
        parcels.start(new MachineId("c-" + i), Parcel.EMPTY).join();
        parcels.send(new MachineId("c-" + i), SHIP, "").join();
      }
      CountDownLatch done = new CountDownLatch(senders);
      for (int sender = 0; sender < senders; sender++) {
        Random random = new Random(sender);
        fixture.workers.execute(
            () -> {
              List<CompletableFuture<?>> sent = new ArrayList<>();
              for (int i = 0; i < events; i++) {
                MachineId id = new MachineId("c-" + random.nextInt(machines));
                sent.add(parcels.send(id, SCAN, ""));
              }
              sent.forEach(CompletableFuture::join);
              done.countDown();
            });
      }
      assertTrue(done.await(60, TimeUnit.SECONDS));

      long scans = 0;
      for (int i = 0; i < machines; i++) {
        scans += parcels.get(new MachineId("c-" + i)).orElseThrow().data().scans();
      }
      assertEquals(senders * events, scans);
      assertTrue(Replay.of(fixture.journal.entries(), KnownTables.of(Parcel.TABLE)).same());
    }
  }
}
