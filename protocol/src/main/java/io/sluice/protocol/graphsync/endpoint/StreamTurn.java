package io.sluice.protocol.graphsync.endpoint;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.protocol.graphsync.wire.FrameReader;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Whether an inbound stream is still being worked on. A peer closes a quiet stream and opens
 * another when it has more to say; when we are slow, what it said on the first may still wait here.
 * So a stream begins only when those before it have ended. A peer that leaves an old one open and
 * silent does not lose by it, apart from one short wait when the new one begins.
 */
final class StreamTurn implements FrameReader.Activity {
  private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Of the stream's own thread; nobody once its turn has come. */
  private List<StreamTurn> before;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private boolean ended;

  @GuardedBy("lock")
  private boolean idle;

  /**
   * @param before the streams of the same peer that have not ended
   */
  StreamTurn(List<StreamTurn> before) {
    this.before = List.copyOf(before);
  }

  @Override
  public void idle() {
    set(true, false);
  }

  @Override
  public void busy() {
    set(false, false);
  }

  /** There will be no more frames. */
  void end() {
    set(true, true);
  }

  private void set(boolean nowIdle, boolean nowEnded) {
    lock.lock();
    try {
      idle = nowIdle;
      ended = nowEnded;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the streams before this one have ended, or have nothing to say; at once when it has
   * waited before. On the stream's own thread only.
   */
  void await() {
    before.forEach(StreamTurn::awaitQuiet);
    before = List.of();
  }

  /**
   * Waits until it has ended.
   *
   * @return the part of that time that is left, in nanoseconds; not positive if it has not ended
   */
  long awaitEnd(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (!ended && left > 0) {
        left = changed.awaitNanos(left);
      }
      return left;
    } finally {
      lock.unlock();
    }
  }

  private void awaitQuiet() {
    lock.lock();
    try {
      long left = GRACE_NANOS;
      while (!ended && left > 0) {
        if (idle) {
          left = changed.awaitNanos(left);
        } else {
          changed.awaitUninterruptibly();
          left = GRACE_NANOS;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
