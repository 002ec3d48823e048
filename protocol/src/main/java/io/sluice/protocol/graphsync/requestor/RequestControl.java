package io.sluice.protocol.graphsync.requestor;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Whether somebody ends a request while its walk runs.
 *
 * <p>Nobody reaches into the walk. The wish is left here and the inbox stops, so that the walk
 * comes by at its next block, or out of its wait for one, and finds the wish by {@link #check}. The
 * first end counts; a cancel behind a loss only empties the inbox.
 */
final class RequestControl {
  /** Who ends it, other than the walk itself. */
  enum Stopper {
    US,
    NETWORK
  }

  private final ResponseInbox inbox;
  private final ReentrantLock lock = new ReentrantLock();

  // Written under the lock, and read by the walk at every block without it.
  private volatile @Nullable Stopper end;

  @GuardedBy("lock")
  private @Nullable IOException networkError;

  RequestControl(ResponseInbox inbox) {
    this.inbox = inbox;
  }

  boolean isEnding() {
    return end != null;
  }

  boolean isCancelled() {
    return end == Stopper.US;
  }

  boolean isLost() {
    return end == Stopper.NETWORK;
  }

  @Nullable IOException networkError() {
    lock.lock();
    try {
      return networkError;
    } finally {
      lock.unlock();
    }
  }

  /** Between two blocks: leaves the walk by {@link WalkEnded} if it is cancelled. */
  void check() {
    // After the loss of the peer, what has arrived is still walked.
    if (end == Stopper.US) {
      throw new WalkEnded();
    }
  }

  /** Ends it. Returns whether nobody else had done so. */
  boolean end(Stopper by, @Nullable IOException cause) {
    lock.lock();
    try {
      if (end != null) {
        if (by == Stopper.US) {
          inbox.stop(); // what arrived before the loss is not wanted either
        }
        return false;
      }
      networkError = cause;
      end = by;
    } finally {
      lock.unlock();
    }
    if (by == Stopper.US) {
      inbox.stop();
    } else {
      inbox.lose();
    }
    return true;
  }
}
