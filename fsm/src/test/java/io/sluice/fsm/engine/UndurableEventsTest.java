package io.sluice.fsm.engine;

import static io.sluice.fsm.Parcel.Event.DELIVER;
import static io.sluice.fsm.Parcel.Event.SCAN;
import static io.sluice.fsm.Parcel.Event.SHIP;
import static io.sluice.fsm.engine.EngineFixture.failureOf;
import static io.sluice.fsm.engine.EngineFixture.refusalOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.Applied;
import io.sluice.fsm.EventRefused;
import io.sluice.fsm.HeldJournal;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineExists;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MachinesStopped;
import io.sluice.fsm.Parcel;
import io.sluice.fsm.Parcel.State;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Events of one stripe while the disk is slower than they are. */
@Timeout(60)
class UndurableEventsTest {
  private static final MachineId ONE = new MachineId("c-1");
  private static final MachineId OTHER = new MachineId("c-2");

  private final HeldJournal journal = new HeldJournal();
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Throwable> fatal = new CopyOnWriteArrayList<>();
  private final List<State> stepped = new CopyOnWriteArrayList<>();
  private final Engine engine =
      new Engine(
          journal,
          journal,
          Clock.systemUTC(),
          workers,
          new EngineWatch() {
            @Override
            public void fatal(Throwable cause) {
              fatal.add(cause);
            }
          },
          new EngineLimits(1, 256, Duration.ofSeconds(30)));
  private final Machines<State, Parcel, String> parcels =
      engine.machines(
          Parcel.TABLE,
          Map.of(State.TRAVELLING, (id, data, events) -> stepped.add(State.TRAVELLING)));

  @AfterEach
  void close() throws IOException {
    while (journal.waiting() > 0) {
      journal.sync();
    }
    engine.close();
    workers.shutdownNow();
  }

  private void awaitWaiting(int entries) {
    while (journal.waiting() < entries) {
      Thread.onSpinWait();
    }
  }

  /** A first event on which the stripe waits; what comes after it queues up behind. */
  private CompletableFuture<Applied<State, Parcel>> first() {
    CompletableFuture<Applied<State, Parcel>> first = parcels.start(ONE, Parcel.EMPTY);
    awaitWaiting(1);
    return first;
  }

  @Test
  void givenEventsThatCameWhileTheDiskWasBusy_thenTheyAreHandedOverTogetherInAnUnbrokenChain()
      throws IOException {
    CompletableFuture<Applied<State, Parcel>> first = first();
    List<CompletableFuture<Applied<State, Parcel>>> behind =
        List.of(
            parcels.send(ONE, SHIP, "fragile"),
            parcels.send(ONE, SCAN, ""),
            parcels.start(OTHER, Parcel.EMPTY));
    journal.sync();
    first.join();

    awaitWaiting(3); // though none of them is durable

    assertEquals(State.NEW, parcels.get(ONE).orElseThrow().state(), "others see what is durable");
    assertTrue(parcels.get(OTHER).isEmpty());
    assertEquals(List.of(), stepped);
    behind.forEach(each -> assertFalse(each.isDone()));

    journal.sync();
    assertEquals(State.TRAVELLING, behind.get(0).join().after());
    assertFalse(behind.get(1).isDone());
    journal.sync();
    assertEquals(new Parcel("fragile", 1), behind.get(1).join().data());
    journal.sync();
    behind.get(2).join();
    List<JournalEntry> chain = new ArrayList<>();
    journal.history(ONE).forEach(chain::add);
    assertEquals(3, chain.size());
    assertEquals(chain.get(1).hash(), chain.get(2).previousHash());
    assertEquals(3, parcels.get(ONE).orElseThrow().sequence());
  }

  @Test
  void givenARefusalByWhatIsNotDurable_thenItIsSaidWhenThatIs() throws IOException {
    CompletableFuture<Applied<State, Parcel>> first = first();
    CompletableFuture<Applied<State, Parcel>> ship = parcels.send(ONE, SHIP, "");
    CompletableFuture<Applied<State, Parcel>> again = parcels.send(ONE, SHIP, "");
    CompletableFuture<Applied<State, Parcel>> twice = parcels.start(ONE, Parcel.EMPTY);
    CompletableFuture<Applied<State, Parcel>> last = parcels.send(ONE, DELIVER, "");
    journal.sync();
    first.join();
    awaitWaiting(2); // the refused ones are decided: the one behind them is

    assertFalse(again.isDone());
    assertFalse(twice.isDone());

    journal.sync();
    ship.join();
    assertInstanceOf(EventRefused.class, refusalOf(again));
    assertInstanceOf(MachineExists.class, refusalOf(twice));
    journal.sync();
    assertEquals(State.DELIVERED, last.join().after());
  }

  @Test
  void givenADiskThatFails_thenNothingThatWasBuiltOnItIsSaid() throws IOException {
    CompletableFuture<Applied<State, Parcel>> first = first();
    CompletableFuture<Applied<State, Parcel>> ship = parcels.send(ONE, SHIP, "");
    CompletableFuture<Applied<State, Parcel>> scan = parcels.send(ONE, SCAN, "");
    journal.sync();
    first.join();
    awaitWaiting(2);

    journal.fail();

    assertInstanceOf(MachinesStopped.class, failureOf(ship));
    assertInstanceOf(MachinesStopped.class, failureOf(scan));
    assertEquals(1, fatal.size());
    assertEquals(List.of(), stepped);
    assertEquals(State.NEW, parcels.get(ONE).orElseThrow().state());
  }

  @Test
  void givenEventsOnTheirWay_whenClosed_thenTheyAreToldFirst() throws Exception {
    CompletableFuture<Applied<State, Parcel>> first = first();
    CompletableFuture<Applied<State, Parcel>> ship = parcels.send(ONE, SHIP, "");
    Thread closing = Thread.ofPlatform().start(engine::close);
    while (closing.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }

    journal.sync();
    awaitWaiting(1);
    journal.sync();
    closing.join();

    assertEquals(State.NEW, first.join().after());
    assertEquals(State.TRAVELLING, ship.join().after());
  }
}
