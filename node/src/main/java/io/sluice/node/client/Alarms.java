package io.sluice.node.client;

import io.sluice.protocol.Ticker;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Time as a client has it: how much of it passes, and being reminded after some. Handed in, so that
 * a simulation can turn it by hand.
 */
interface Alarms extends Ticker, AutoCloseable {
  /** Runs something short after a while; false if that will not be, because this is closed. */
  boolean after(Duration wait, Runnable task);

  /** Runs something short again and again. */
  void every(Duration period, Runnable task);

  /** Forgets what it was to do. */
  @Override
  void close();

  /** Real time, and one thread that all is run on. */
  static Alarms ofThread() {
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("client-timer").daemon().factory());
    return new Alarms() {
      @Override
      public long nanos() {
        return Ticker.SYSTEM.nanos();
      }

      @Override
      public boolean after(Duration wait, Runnable task) {
        try {
          var unused = timer.schedule(task, wait.toNanos(), TimeUnit.NANOSECONDS);
          return true;
        } catch (RejectedExecutionException e) {
          return false;
        }
      }

      @Override
      public void every(Duration period, Runnable task) {
        long millis = period.toMillis();
        var unused = timer.scheduleWithFixedDelay(task, millis, millis, TimeUnit.MILLISECONDS);
      }

      @Override
      public void close() {
        timer.shutdownNow();
      }
    };
  }
}
