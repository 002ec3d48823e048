package io.sluice.protocol.graphsync.responder;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.protocol.graphsync.IncomingRequest;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What is wished of a response while its walk runs, and how it ends: the one place that several
 * threads write to.
 *
 * <p>Nobody stops a walk from outside. Holders of the handle, the peer and the network leave their
 * wishes here, and the walk finds them before its next block. Three rules keep races harmless:
 *
 * <ul>
 *   <li>Resumptions are counted. Whoever decides to pause reads the count first, and does not pause
 *       if it has moved: the payment that he would wait for may have come while he decided.
 *   <li>What pausing and resuming say goes out under the lock, so that the peer hears it in the
 *       order in which it happened.
 *   <li>The first end of ours counts. The peer or the network may still overrule it as long as the
 *       last message has not been written; after that nothing is said to the listener any more.
 * </ul>
 *
 * <p>Spec: GraphSync, response status codes; data transfer 1.2.0, pausing.
 */
final class ResponseControl {
  private static final int MAX_EARLY_UPDATES = 16;

  /** Who ends it, if it is not the walk's own end. */
  enum EndedBy {
    PEER,
    NETWORK,
    US
  }

  /** Who has to tell the listener after an end from outside. */
  enum LastCall {
    /** Nobody: it had ended before. */
    DONE,
    /** The walk, which still runs. */
    BY_WALK,
    /** The caller: the walk is over. */
    BY_CALLER
  }

  /** The end that we wished for. */
  record LastWord(ResponseStatus status, Map<String, Node> extensions) {}

  private final BiConsumer<ResponseStatus, Map<String, Node>> say;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Written under the lock, and read by the walk at every block without it.
  private final AtomicLong resumptions = new AtomicLong();
  private volatile @Nullable EndedBy end;
  private volatile @Nullable Map<String, Node> pauseWish;
  private volatile boolean paused;

  @GuardedBy("lock")
  private @Nullable LastWord lastWord;

  @GuardedBy("lock")
  private @Nullable IOException networkError;

  /** Whether the walk makes no more visits. */
  @GuardedBy("lock")
  private boolean walkDone;

  /** Whether the listener has had its last call. */
  @GuardedBy("lock")
  private boolean over;

  @GuardedBy("lock")
  private @Nullable IncomingRequest accepted;

  @GuardedBy("lock")
  private final List<Map<String, Node>> earlyUpdates = new ArrayList<>();

  /**
   * @param say puts a status and extensions into the next message
   */
  ResponseControl(BiConsumer<ResponseStatus, Map<String, Node>> say) {
    this.say = say;
  }

  boolean isEnding() {
    return end != null;
  }

  /** Whether what it still has to say is of no use to anybody. */
  boolean isDead() {
    return end == EndedBy.PEER || end == EndedBy.NETWORK;
  }

  boolean isPaused() {
    return paused;
  }

  /** To be read before it is decided whether to pause. */
  long resumptions() {
    return resumptions.get();
  }

  // ---- pausing

  /** What to pause with, if somebody wants that before the next block. */
  @Nullable Map<String, Node> pauseWish() {
    return pauseWish;
  }

  void pause(Map<String, Node> extensions) {
    lock.lock();
    try {
      if (!paused) {
        pauseWish = extensions;
      }
    } finally {
      lock.unlock();
    }
  }

  void resume(Map<String, Node> extensions) {
    lock.lock();
    try {
      if (end != null || walkDone) {
        return;
      }
      pauseWish = null;
      resumptions.incrementAndGet();
      if (!extensions.isEmpty()) {
        say.accept(ResponseStatus.PARTIAL, extensions);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void send(Map<String, Node> extensions) {
    lock.lock();
    try {
      if (end == null && !walkDone) {
        say.accept(paused ? ResponseStatus.PAUSED : ResponseStatus.PARTIAL, extensions);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Says that we are paused, and waits. Returns at once, without a word, if there has been a
   * resumption since {@code before} was read: then the reason for the pause may be gone.
   *
   * @param first whether this is the answer to the request, which has to be said in any case
   * @param rest called if it comes to waiting
   * @return false if the response was ended meanwhile
   */
  boolean awaitResume(long before, Map<String, Node> extensions, boolean first, Runnable rest) {
    lock.lock();
    try {
      if (resumptions.get() != before && !first) {
        return true;
      }
      if (end == null) {
        paused = true;
        say.accept(ResponseStatus.PAUSED, extensions);
      }
      if (end == null && resumptions.get() == before) {
        rest.run();
      }
      while (end == null && resumptions.get() == before) {
        changed.awaitUninterruptibly();
      }
      paused = false;
      return end == null;
    } finally {
      lock.unlock();
    }
  }

  // ---- updates

  /**
   * From now on updates are for {@code request}. Returns those that came while it was decided
   * about.
   */
  List<Map<String, Node>> accepted(IncomingRequest request) {
    lock.lock();
    try {
      accepted = request;
      List<Map<String, Node>> updates = List.copyOf(earlyUpdates);
      earlyUpdates.clear();
      return updates;
    } finally {
      lock.unlock();
    }
  }

  /** The request that an update is for; null if it is kept until the request is accepted. */
  @Nullable IncomingRequest updated(Map<String, Node> extensions) {
    lock.lock();
    try {
      if (accepted == null && earlyUpdates.size() < MAX_EARLY_UPDATES) {
        earlyUpdates.add(extensions);
      }
      return accepted;
    } finally {
      lock.unlock();
    }
  }

  // ---- the end

  /** We end it, unless it is ending or walked already. Returns whether that is news. */
  boolean endByUs(ResponseStatus status, Map<String, Node> extensions) {
    lock.lock();
    try {
      if (end != null || walkDone) {
        return false;
      }
      end = EndedBy.US;
      lastWord = new LastWord(status, extensions);
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** The peer or the network ends it; this overrules an end of ours. */
  LastCall endFromOutside(EndedBy by, @Nullable IOException cause) {
    lock.lock();
    try {
      if (over || isDead()) {
        return LastCall.DONE;
      }
      end = by;
      networkError = cause;
      changed.signalAll();
      return walkDone ? LastCall.BY_CALLER : LastCall.BY_WALK;
    } finally {
      lock.unlock();
    }
  }

  /** The walk came to its own end. Returns false if somebody else has ended it meanwhile. */
  boolean endByWalk() {
    lock.lock();
    try {
      walkDone = end == null;
      return walkDone;
    } finally {
      lock.unlock();
    }
  }

  /** The walk gave way to an end. Returns what to say then; null if there is nobody to hear it. */
  @Nullable LastWord walkLeft() {
    lock.lock();
    try {
      walkDone = true;
      return end == EndedBy.US ? lastWord : null;
    } finally {
      lock.unlock();
    }
  }

  /** Claims the listener's last call. Returns whether it was still to be made. */
  boolean claimLastCall() {
    lock.lock();
    try {
      boolean first = !over;
      over = true;
      return first;
    } finally {
      lock.unlock();
    }
  }

  /** Why the peer cannot be reached; null if it is not that. */
  @Nullable IOException networkError() {
    lock.lock();
    try {
      return networkError;
    } finally {
      lock.unlock();
    }
  }
}
