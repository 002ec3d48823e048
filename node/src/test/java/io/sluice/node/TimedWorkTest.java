package io.sluice.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TimedWorkTest {
  private static final Duration SOON = Duration.ofMillis(1);

  private final TimedWork clock = new TimedWork();

  @Test
  void givenTaskThatFails_thenItIsRunAgain() throws Exception {
    CountDownLatch disk = new CountDownLatch(3);
    CountDownLatch mistake = new CountDownLatch(3);

    clock.every(
        SOON,
        "a disk that fails, for a test",
        () -> {
          disk.countDown();
          throw new IOException("full");
        });
    clock.every(
        SOON,
        "a mistake, for a test",
        () -> {
          mistake.countDown();
          throw new IllegalStateException("wrong");
        });

    assertTrue(disk.await(30, TimeUnit.SECONDS));
    assertTrue(mistake.await(30, TimeUnit.SECONDS));
    clock.stop();
  }

  @Test
  void givenTaskUnderWay_whenStopped_thenItIsWaitedForWithoutAnInterrupt() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch stopping = new CountDownLatch(1);
    AtomicInteger whole = new AtomicInteger();

    clock.nowAndEvery(
        Duration.ofDays(1),
        "never",
        () -> {
          begun.countDown();
          stopping.await();
          whole.incrementAndGet();
        });
    begun.await();
    stopping.countDown();
    clock.stop();

    assertEquals(1, whole.get());
  }

  @Test
  void givenLongPause_thenTheFirstTimeIsAfterItOrAtOnce() throws Exception {
    CountDownLatch now = new CountDownLatch(1);
    AtomicInteger later = new AtomicInteger();

    clock.every(Duration.ofDays(1), "never", later::incrementAndGet);
    clock.nowAndEvery(Duration.ofDays(1), "never", now::countDown);

    assertTrue(now.await(30, TimeUnit.SECONDS));
    clock.stop();
    assertEquals(0, later.get());
  }
}
