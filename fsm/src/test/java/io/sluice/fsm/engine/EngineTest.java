package io.sluice.fsm.engine;

import static io.sluice.fsm.Parcel.Event.SHIP;
import static io.sluice.fsm.engine.EngineFixture.failureOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.Applied;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.MachinesStopped;
import io.sluice.fsm.Parcel;
import io.sluice.fsm.Parcel.State;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** All stripes together: where machines go, how they end, who may wait. */
@Timeout(60)
class EngineTest {
  private final EngineFixture fixture = new EngineFixture();
  private final Machines<State, Parcel, String> parcels =
      fixture.engine.machines(Parcel.TABLE, Map.of());
  private final CountDownLatch gate = new CountDownLatch(1);

  @AfterEach
  void close() {
    gate.countDown();
    fixture.close();
  }

  /** The first machine of that many whose events are handled by a stripe. */
  private MachineId on(int stripe) {
    return IntStream.range(0, 100)
        .mapToObj(number -> new MachineId("c-" + number))
        .filter(id -> fixture.engine.stripeOf(id) == stripe)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void givenJournalThatFailsOnce_thenTheOtherStripesStopToo() {
    parcels.start(on(0), Parcel.EMPTY).join();
    parcels.start(on(1), Parcel.EMPTY).join();
    fixture.journal.failAppends();
    assertInstanceOf(MachinesStopped.class, failureOf(parcels.send(on(0), SHIP, "")));
    fixture.fatal.join();
    fixture.journal.failAppendsAfter(Integer.MAX_VALUE, false);

    Throwable other = failureOf(parcels.send(on(1), SHIP, ""));

    assertInstanceOf(MachinesStopped.class, other);
    assertEquals("no space left", other.getCause().getMessage());
    assertEquals(2, fixture.journal.entries().size());
  }

  /** A stripe stands still at a listener, and an event waits behind it. */
  private CompletableFuture<Applied<State, Parcel>> eventThatWaits() throws Exception {
    MachineId id = on(1);
    CountDownLatch stands = new CountDownLatch(1);
    parcels.listen(
        applied -> {
          if (applied.started()) {
            stands.countDown();
            await(gate);
          }
        });
    parcels.start(id, Parcel.EMPTY);
    assertTrue(stands.await(30, TimeUnit.SECONDS));
    return parcels.send(id, SHIP, "");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitWaiting(Thread thread) {
    while (thread.getState() != Thread.State.TIMED_WAITING) {
      assertTrue(thread.isAlive(), "it does not wait");
      Thread.onSpinWait();
    }
  }

  @Test
  void givenAnEventUnderWay_whenClosed_thenItIsWaitedFor() throws Exception {
    CompletableFuture<Applied<State, Parcel>> sent = eventThatWaits();

    Thread closer = Thread.ofPlatform().start(fixture.engine::close);
    awaitWaiting(closer);
    assertFalse(sent.isDone());
    gate.countDown();
    closer.join();

    assertTrue(sent.isDone());
    assertEquals(State.TRAVELLING, sent.join().after());
  }

  @Test
  void givenAnInterrupt_whenClosing_thenItWaitsNoLongerAndTheInterruptStands() throws Exception {
    CompletableFuture<Applied<State, Parcel>> sent = eventThatWaits();
    AtomicBoolean interrupted = new AtomicBoolean();

    Thread closer =
        Thread.ofPlatform()
            .start(
                () -> {
                  fixture.engine.close();
                  interrupted.set(Thread.interrupted());
                });
    awaitWaiting(closer);
    closer.interrupt();
    closer.join();

    assertTrue(interrupted.get());
    assertFalse(sent.isDone());
  }

  @Test
  void givenAStripe_whenItWaitsForAnEvent_thenRefusedInWhateverWay() {
    List<Waiting> ways =
        List.of(
            CompletableFuture::join,
            CompletableFuture::get,
            future -> future.get(1, TimeUnit.HOURS));
    List<CompletableFuture<Throwable>> refused =
        ways.stream().map(way -> new CompletableFuture<Throwable>()).toList();
    parcels.listen(
        applied -> {
          for (int way = 0; applied.started() && way < ways.size(); way++) {
            CompletableFuture<?> event = parcels.send(applied.machine(), SHIP, "");
            Waiting waiting = ways.get(way);
            refused
                .get(way)
                .complete(assertThrows(IllegalStateException.class, () -> waiting.waitFor(event)));
          }
        });

    parcels.start(on(0), Parcel.EMPTY).join();

    for (CompletableFuture<Throwable> each : refused) {
      assertEquals("a stripe must not wait for an event", each.join().getMessage());
    }
  }

  private interface Waiting {
    void waitFor(CompletableFuture<?> event) throws Exception;
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, 0, false",
    "1, 1, 0, true",
    "64, 1, 0, true",
    "65, 1, 0, false",
    "1, 0, 0, false",
    "1, 1, -1, false"
  })
  void limits(int stripes, int mailbox, long closing, boolean allowed) {
    if (allowed) {
      new EngineLimits(stripes, mailbox, Duration.ofNanos(closing));
    } else {
      assertThrows(
          IllegalArgumentException.class,
          () -> new EngineLimits(stripes, mailbox, Duration.ofNanos(closing)));
    }
  }
}
