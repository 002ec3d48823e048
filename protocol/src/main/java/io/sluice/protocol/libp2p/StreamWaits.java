package io.sluice.protocol.libp2p;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How application threads wait for a stream: always to be interrupted, since a peer decides how
 * long it lasts, and with the interrupt kept for whoever is further up.
 */
final class StreamWaits {
  private StreamWaits() {}

  /**
   * Waits for a condition whose lock the caller holds.
   *
   * @param nanos how long at most; {@link Long#MAX_VALUE} for ever
   * @param what is missing, for the message
   * @return what is left of the time; the condition may not hold yet
   * @throws TimedOutException if there is no time left
   */
  @SuppressWarnings("WaitNotInLoop") // the loop is the caller's
  static long await(Condition condition, long nanos, String what) throws IOException {
    if (nanos <= 0) {
      throw new TimedOutException("stream idle: " + what);
    }
    try {
      if (nanos == Long.MAX_VALUE) {
        condition.await();
        return nanos;
      }
      return condition.awaitNanos(nanos);
    } catch (InterruptedException stop) {
      throw interrupted();
    }
  }

  /** Takes a lock that another may hold for as long as the peer makes it wait. */
  static void acquire(ReentrantLock lock) throws InterruptedIOException {
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException stop) {
      throw interrupted();
    }
  }

  static InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted while waiting for a stream");
  }
}
