package io.sluice.payments.payer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Wakes those who wait for a change. Whoever waits takes the count before looking at the state: a
 * change between looking and waiting then ends the wait at once.
 */
final class ChangeSignal {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private long count;

  /** How many changes there have been. */
  long count() {
    lock.lock();
    try {
      return count;
    } finally {
      lock.unlock();
    }
  }

  void raise() {
    lock.lock();
    try {
      count++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a change after {@code seen}; what is left of the patience, in nanoseconds. */
  long await(long seen, long patience) throws InterruptedException {
    lock.lock();
    try {
      long left = patience;
      while (count == seen && left > 0) {
        left = changed.awaitNanos(left);
      }
      return left;
    } finally {
      lock.unlock();
    }
  }
}
