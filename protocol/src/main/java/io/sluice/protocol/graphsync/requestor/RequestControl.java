package io.sluice.protocol.graphsync.requestor;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.protocol.graphsync.wire.Extensions;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What other threads want of a request while its walk runs: that it pauses, goes on, or ends.
 *
 * <p>Nobody reaches into the walk. A wish is left here and the inbox stops, so that the walk comes
 * by at its next block, or out of its wait for one, and finds the wish by {@link #check}. The first
 * end counts; a cancel behind a loss only empties the inbox.
 */
final class RequestControl {
  /** Who ends it, other than the walk itself. */
  enum Stopper {
    US,
    NETWORK
  }

  private final ResponseInbox inbox;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Written under the lock, and read by the walk at every block without it.
  private volatile @Nullable Stopper end;
  private volatile boolean paused;

  @GuardedBy("lock")
  private @Nullable IOException networkError;

  /**
   * Whether there was a pause since the request went out last. It outlives the pause: a resumption
   * may come before the walk has noticed anything, and the inbox is empty all the same.
   */
  @GuardedBy("lock")
  private boolean interrupted;

  /** What goes with the request that follows a pause. */
  @GuardedBy("lock")
  private Map<String, Node> carried;

  RequestControl(ResponseInbox inbox, Map<String, Node> extensions) {
    this.inbox = inbox;
    this.carried = extensions;
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

  /** Between two blocks: leaves the walk by {@link WalkEnded} if that is wished. */
  void check() {
    // After the loss of the peer, what has arrived is still walked.
    if (end == Stopper.US || paused) {
      throw new WalkEnded();
    }
  }

  /**
   * Pauses, unless that is so already or it is ending.
   *
   * @param tellPeer called before anything else can change, if the responder may still be sending
   */
  void pause(Runnable tellPeer) {
    lock.lock();
    try {
      if (paused || end != null) {
        return;
      }
      paused = true;
      interrupted = true;
      if (inbox.terminal() == null) {
        tellPeer.run();
      }
      inbox.stop();
    } finally {
      lock.unlock();
    }
  }

  void resume(Map<String, Node> extensions) {
    lock.lock();
    try {
      carried = Extensions.copyOf(extensions);
      paused = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the end of a pause; leaves by {@link WalkEnded} if there is none. Returns what goes
   * with the next request.
   */
  Map<String, Node> awaitResume() {
    lock.lock();
    try {
      if (end != null || !interrupted) {
        throw new WalkEnded();
      }
      while (paused && end == null) {
        changed.awaitUninterruptibly();
      }
      if (end != null) {
        throw new WalkEnded();
      }
      interrupted = false;
      inbox.restart();
      return carried;
    } finally {
      lock.unlock();
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
      changed.signalAll();
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
