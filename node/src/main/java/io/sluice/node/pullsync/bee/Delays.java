package io.sluice.node.pullsync.bee;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Does things later. */
interface Delays {
  /** Calls off what was to be done later, if it has not begun. */
  interface Pending {
    void cancel();
  }

  /** Runs a task once, which must not block, when so much time has passed. */
  Pending after(Duration wait, Runnable task);

  /** Delays of that clock. */
  static Delays of(ScheduledExecutorService clock) {
    return (wait, task) -> {
      ScheduledFuture<?> later = clock.schedule(task, wait.toNanos(), TimeUnit.NANOSECONDS);
      return () -> later.cancel(false);
    };
  }
}
