package io.sluice.node;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node does again and again for as long as it is on the network; machines have no timers of
 * their own. On two threads, so that one task that takes long does not keep all others waiting; a
 * task is never run beside itself, and one that fails is run again the next time.
 */
final class TimedWork {
  private static final Logger LOG = LoggerFactory.getLogger(TimedWork.class);
  private static final int THREADS = 2;
  private static final long PATIENCE_SECONDS = 10;

  private final ScheduledExecutorService clock =
      Executors.newScheduledThreadPool(
          THREADS, Thread.ofPlatform().name("clock-", 0).daemon().factory());

  /** Something to do now and then. */
  @FunctionalInterface
  interface Task {
    void run() throws IOException, InterruptedException;
  }

  /**
   * Does something from a pause from now on.
   *
   * @param pause between the end of one time and the beginning of the next
   * @param failure what is said when it fails
   */
  void every(Duration pause, String failure, Task task) {
    begin(pause.toMillis(), pause, failure, task);
  }

  /** The same, for the first time at once. */
  void nowAndEvery(Duration pause, String failure, Task task) {
    begin(0, pause, failure, task);
  }

  private void begin(long first, Duration pause, String failure, Task task) {
    var unused =
        clock.scheduleWithFixedDelay(
            () -> attempt(failure, task), first, pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whatever it threw would be the last time. */
  private static void attempt(String failure, Task task) {
    try {
      task.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.warn(failure, e);
    } catch (RuntimeException e) {
      LOG.error(failure, e);
    }
  }

  /** Waits for what is being done: an interrupt would close the files that it is done with. */
  void stop() throws InterruptedException {
    clock.shutdown();
    if (!clock.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      LOG.warn("the clock's work takes longer than {} s", PATIENCE_SECONDS);
    }
  }
}
