package io.sluice.fsm.engine;

import static io.sluice.fsm.Parcel.Event.DELIVER;
import static io.sluice.fsm.Parcel.Event.NUDGE;
import static io.sluice.fsm.Parcel.Event.SCAN;
import static io.sluice.fsm.Parcel.Event.SHIP;
import static io.sluice.fsm.Parcel.State.NEW;
import static io.sluice.fsm.Parcel.State.TRAVELLING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.EventSink;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.Parcel;
import io.sluice.fsm.Parcel.State;
import io.sluice.fsm.Step;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Which steps are begun, when, and what they see. Workers that only note what they are to do show
 * each run before it runs.
 */
class StepRunsTest {
  private static final MachineId ONE = new MachineId("p-1");
  private static final MachineId TWO = new MachineId("p-2");

  /** Does nothing by itself. */
  private static final class HandWorkers extends AbstractExecutorService {
    private final Deque<Runnable> tasks = new ArrayDeque<>();

    @Override
    public synchronized void execute(Runnable task) {
      tasks.add(task);
    }

    synchronized int waiting() {
      return tasks.size();
    }

    synchronized Runnable next() {
      return tasks.remove();
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }

  private final HandWorkers workers = new HandWorkers();
  private final io.sluice.fsm.MemoryJournal journal = new io.sluice.fsm.MemoryJournal();
  private final List<String> failed = new ArrayList<>();
  private final List<String> ran = new ArrayList<>();
  private final List<EventSink<String>> sinks = new ArrayList<>();
  private final Engine engine =
      new Engine(
          journal,
          journal,
          Clock.fixed(EngineFixture.NOW, ZoneOffset.UTC),
          workers,
          new EngineWatch() {
            @Override
            public void stepFailed(MachineId machine, Enum<?> state, Throwable cause) {
              failed.add(machine + " " + state + " " + cause.getMessage());
            }
          },
          new EngineLimits(1, 64, Duration.ofSeconds(30)));
  private final Machines<State, Parcel, String> parcels =
      engine.machines(Parcel.TABLE, Map.of(NEW, step("new"), TRAVELLING, step("travelling")));

  private Step<Parcel, String> step(String name) {
    return (id, data, events) -> {
      ran.add(id + " " + name + " '" + data.note() + "'");
      sinks.add(events);
      if (data.note().equals("broken")) {
        throw new IllegalStateException("broken");
      }
      if (data.note().equals("stopped")) {
        throw new InterruptedException();
      }
    };
  }

  @AfterEach
  void close() {
    engine.close();
  }

  /** Runs the next step; what it leads to has happened when this returns. */
  private void work() {
    workers.next().run();
    settle();
  }

  /** All machines are on one stripe, so an event of another comes after what a step's end did. */
  private void settle() {
    MachineId probe = new MachineId("probe-" + journal.entries().size());
    journal.plant(
        new io.sluice.fsm.StoredMachine(
            probe,
            Parcel.TABLE.name(),
            Parcel.TABLE.version(),
            TRAVELLING.name(),
            false,
            Parcel.DATA.encode(Parcel.EMPTY),
            1,
            io.sluice.fsm.EntryHash.ZERO,
            EngineFixture.NOW));
    parcels.send(probe, SCAN, "").join();
  }

  private void begin(MachineId id) {
    parcels.start(id, Parcel.EMPTY).join();
  }

  @Test
  void givenAStateWithAStep_thenItIsDueOnceForEachMachine() {
    begin(ONE);
    begin(TWO);
    assertEquals(2, workers.waiting());

    work();
    work();

    assertEquals(List.of("p-1 new ''", "p-2 new ''"), ran);
    assertEquals(0, workers.waiting());
  }

  @Test
  void givenARecord_thenNoStepIsDue() {
    begin(ONE);
    parcels.send(ONE, SHIP, "a").join();
    work();
    work();

    parcels.send(ONE, SCAN, "").join();

    assertEquals(0, workers.waiting());
  }

  @Test
  void givenAStepThatHasNotEnded_whenDueAgainAndAgain_thenItRunsOnceMoreWithWhatIsThen() {
    begin(ONE);
    parcels.send(ONE, SHIP, "a").join();
    workers.next(); // of the state that was left
    parcels.send(ONE, NUDGE, "b").join();
    parcels.send(ONE, NUDGE, "c").join();
    assertEquals(1, workers.waiting());

    work();
    assertEquals(1, workers.waiting());
    work();

    assertEquals(List.of("p-1 travelling 'a'", "p-1 travelling 'c'"), ran);
    assertEquals(0, workers.waiting());
  }

  @Test
  void givenAStepThatIsDueOnceMore_whenTheMachineHasLeft_thenItIsNot() {
    begin(ONE);
    parcels.send(ONE, SHIP, "a").join();
    workers.next();
    parcels.send(ONE, NUDGE, "b").join();
    parcels.send(ONE, DELIVER, "c").join();

    work();

    assertEquals(List.of("p-1 travelling 'a'"), ran);
    assertEquals(0, workers.waiting());
  }

  @Test
  void givenAStepOfAStateThatWasLeft_thenTheNextStatesStepDoesNotWaitForIt() {
    begin(ONE);
    parcels.send(ONE, SHIP, "a").join();
    assertEquals(2, workers.waiting());
    Runnable old = workers.next();

    work();
    old.run();

    assertEquals(List.of("p-1 travelling 'a'", "p-1 new ''"), ran);
    assertTrue(sinks.getFirst().isCurrent());
    assertFalse(sinks.getLast().isCurrent());
  }

  @Test
  void givenAStepThatIsDueAgain_thenItsRunIsCurrent() {
    begin(ONE);
    parcels.send(ONE, SHIP, "a").join();
    workers.next();
    work();
    parcels.send(ONE, NUDGE, "b").join();
    work();

    assertTrue(sinks.getLast().isCurrent());
    parcels.send(ONE, DELIVER, "c").join();
    assertEquals(2, ran.size());
  }

  @Test
  void givenAStepThatThrows_thenItIsReportedAndMayBeDueAgain() {
    begin(ONE);
    workers.next();
    parcels.send(ONE, SHIP, "broken").join();
    work();
    assertEquals(List.of("p-1 TRAVELLING broken"), failed);

    parcels.send(ONE, NUDGE, "mended").join();
    work();

    assertEquals(List.of("p-1 travelling 'broken'", "p-1 travelling 'mended'"), ran);
  }

  @Test
  void givenAStepThatIsInterrupted_thenThatIsNoFailure() {
    begin(ONE);
    workers.next();
    parcels.send(ONE, SHIP, "stopped").join();

    workers.next().run();

    assertTrue(Thread.interrupted());
    assertEquals(List.of(), failed);
  }
}
