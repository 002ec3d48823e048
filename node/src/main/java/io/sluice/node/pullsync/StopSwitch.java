package io.sluice.node.pullsync;

import io.sluice.protocol.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stops a thread where that does no harm: while it waits. Elsewhere an interrupt would close the
 * file that it is writing to. Everything but {@link #stop} and {@link #wake} is for that one
 * thread.
 */
final class StopSwitch {
  private final Ticker ticker;
  private boolean stopped;
  private boolean woken;
  private @Nullable Thread waiting;

  StopSwitch(Ticker ticker) {
    this.ticker = ticker;
  }

  /** What may be interrupted. */
  interface Waiting<T> {
    T run() throws IOException, NeighbourException, InterruptedException;
  }

  /** What may not, within something that may. */
  interface Work<T> {
    T run() throws IOException;
  }

  /** The thread is to end: what it waits for is interrupted, and nothing is waited for any more. */
  synchronized void stop() {
    stopped = true;
    if (waiting != null) {
      waiting.interrupt();
    }
    notifyAll();
  }

  /** Ends a pause. */
  synchronized void wake() {
    woken = true;
    notifyAll();
  }

  synchronized boolean isStopped() {
    return stopped;
  }

  /** Waits for something, unless it is to end. */
  <T> T waitFor(Waiting<T> what) throws IOException, NeighbourException, InterruptedException {
    enter();
    try {
      return what.run();
    } finally {
      leave();
    }
  }

  /** Does what is not to be interrupted, within {@link #waitFor}. */
  <T> T undisturbed(Work<T> work) throws IOException {
    leave();
    try {
      return work.run();
    } finally {
      reenter();
    }
  }

  private synchronized void enter() throws InterruptedException {
    if (stopped) {
      throw new InterruptedException("stopped");
    }
    waiting = Thread.currentThread();
  }

  private synchronized void reenter() {
    waiting = Thread.currentThread();
    if (stopped) {
      waiting.interrupt();
    }
  }

  private synchronized void leave() {
    waiting = null;
    var unused = Thread.interrupted();
  }

  /** Looks at something again and again during a pause. */
  interface PauseCheck {
    boolean isOver();
  }

  /**
   * Waits until the time is over, somebody wakes it, or a look says that it is enough.
   *
   * @param every how often to look
   */
  synchronized void pause(Duration time, Duration every, PauseCheck check)
      throws InterruptedException {
    long until = ticker.nanos() + time.toNanos();
    while (!stopped && !woken) {
      long left = until - ticker.nanos();
      if (left <= 0 || check.isOver()) {
        break;
      }
      TimeUnit.NANOSECONDS.timedWait(this, Math.min(left, every.toNanos()));
    }
    woken = false;
  }
}
