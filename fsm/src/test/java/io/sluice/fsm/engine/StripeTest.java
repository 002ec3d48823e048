package io.sluice.fsm.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.MachinesStopped;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One thread and its mailbox. */
@Timeout(60)
class StripeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final MachinesStopped CLOSED = new MachinesStopped("closed", null);

  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final Stripe stripe = new Stripe(0, 2, failures::add);
  private final CountDownLatch gate = new CountDownLatch(1);

  private interface Body {
    void run() throws Exception;
  }

  private Stripe.StripeTask task(String name, Body body) {
    return new Stripe.StripeTask() {
      @Override
      public void run() throws Exception {
        body.run();
        seen.add(name);
      }

      @Override
      public void abandon(MachinesStopped why) {
        seen.add(name + " abandoned: " + why.getMessage());
      }
    };
  }

  private Stripe.StripeTask task(String name) {
    return task(name, () -> {});
  }

  private void end() throws InterruptedException {
    stripe.stop(CLOSED);
    assertTrue(stripe.join(PATIENCE));
  }

  @AfterEach
  void open() {
    gate.countDown();
  }

  @Test
  void tasksRunInTheOrderInWhichTheyCame() throws Exception {
    stripe.start();
    for (int i = 0; i < 50; i++) {
      stripe.put(task("" + i));
    }
    end();

    assertEquals(IntStream.range(0, 50).mapToObj(i -> "" + i).toList(), seen);
  }

  @Test
  void givenATaskThatRuns_whenJoined_thenItIsSaidThatTheStripeHasNotEnded() throws Exception {
    CompletableFuture<Boolean> daemon = new CompletableFuture<>();
    stripe.start();
    stripe.put(
        task(
            "long",
            () -> {
              daemon.complete(Thread.currentThread().isDaemon());
              gate.await();
            }));
    assertTrue(daemon.get(30, TimeUnit.SECONDS), "a process would not end beside it");
    stripe.stop(CLOSED);

    assertFalse(stripe.join(Duration.ofNanos(1)));

    gate.countDown();
    assertTrue(stripe.join(PATIENCE));
  }

  @Test
  void givenFullMailbox_whenPut_thenItWaitsForRoom() throws Exception {
    stripe.put(task("a"));
    stripe.put(task("b"));
    CountDownLatch through = new CountDownLatch(1);
    Thread sender =
        Thread.ofPlatform()
            .start(
                () -> {
                  stripe.put(task("c"));
                  through.countDown();
                });
    while (sender.getState() != Thread.State.WAITING) {
      assertEquals(1, through.getCount());
      Thread.onSpinWait();
    }

    stripe.putAtOnce(task("at once")); // what must not be kept waiting does not

    stripe.start();
    assertTrue(through.await(30, TimeUnit.SECONDS));
    sender.join();
    end();
    assertEquals(List.of("a", "b", "at once", "c"), seen);
  }

  @Test
  void givenFullMailbox_whenAStripePuts_thenItDoesNotWait() throws Exception {
    CountDownLatch last = new CountDownLatch(1);
    stripe.start();
    stripe.put(
        task(
            "first",
            () -> {
              assertTrue(Stripe.isCurrentThread());
              for (int i = 0; i < 10; i++) {
                stripe.put(task("own " + i));
              }
              stripe.put(task("last", last::countDown));
            }));
    assertTrue(last.await(30, TimeUnit.SECONDS));
    end();

    assertEquals(12, seen.size());
    assertEquals("first", seen.getFirst());
    assertFalse(Stripe.isCurrentThread());
  }

  @Test
  void givenStop_thenWhatIsInTheMailboxRunsAndWhatComesIsAbandoned() throws Exception {
    stripe.put(task("before"));
    stripe.stop(CLOSED);
    stripe.put(task("after"));
    stripe.start();
    assertTrue(stripe.join(PATIENCE));

    assertEquals(List.of("after abandoned: closed", "before"), seen);
  }

  @Test
  void givenStopForAFailure_thenWhatIsInTheMailboxIsAbandoned() throws Exception {
    stripe.put(task("before"));
    stripe.stop(new MachinesStopped("failed", new IllegalStateException()));
    stripe.stop(CLOSED); // does not hide why
    stripe.put(task("after"));
    stripe.start();
    assertTrue(stripe.join(PATIENCE));

    assertEquals(List.of("before abandoned: failed", "after abandoned: failed"), seen);
  }

  @Test
  void givenAbandonedTasks_thenTheirRoomIsGivenBack() throws Exception {
    stripe.put(task("a"));
    stripe.put(task("b"));
    stripe.stop(new MachinesStopped("failed", new IllegalStateException()));

    for (int i = 0; i < 5; i++) {
      stripe.put(task("later")); // would wait for ever
    }

    assertEquals(7, seen.size());
  }

  @Test
  void givenTaskThatThrowsAnError_thenItIsReportedAndTheSenderIsTold() throws Exception {
    Error error = new OutOfMemoryError("made by a test");
    stripe.start();
    stripe.put(
        task(
            "bad",
            () -> {
              throw error;
            }));
    end();

    assertSame(error, failures.getFirst());
    assertEquals(1, failures.size());
    assertEquals(List.of("bad abandoned: the engine failed: " + error), seen);
  }
}
