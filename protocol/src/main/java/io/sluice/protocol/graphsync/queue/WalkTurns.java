package io.sluice.protocol.graphsync.queue;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.protocol.multiformats.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whose walk may run: a number at once, in all and for each peer. Peers take turns; within a peer
 * the highest priority goes first, then the longest wait.
 *
 * <p>So a peer that asks for a thousand things at the highest priority holds up nobody but itself:
 * priorities are its own word, and are compared with its own only. One lock for all of it, held for
 * a moment; a turn is looked for under it, in time that grows with the peers and not with what they
 * ask.
 */
public final class WalkTurns {
  /** The priority of a walk that had to pause and goes on. */
  public static final int RESUMED = Integer.MAX_VALUE;

  private final int perPeer;
  private final int total;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** By peer, in the order in which they get their next turn; without those that want none. */
  @GuardedBy("lock")
  private final Map<PeerId, PeerTurns> lines = new LinkedHashMap<>();

  @GuardedBy("lock")
  private int running;

  @GuardedBy("lock")
  private int waiting;

  /** So many walks at once for one peer, and so many in all. */
  public WalkTurns(int perPeer, int total) {
    this.perPeer = perPeer;
    this.total = total;
  }

  private static final class PeerTurns {
    final List<Ticket> waiting = new ArrayList<>();
    int running;
  }

  private static final class Ticket {
    final int priority;
    boolean granted;

    Ticket(int priority) {
      this.priority = priority;
    }
  }

  /** How many wait. */
  public int waiting() {
    lock.lock();
    try {
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for a turn.
   *
   * @return false, and no turn, if it was given up while waiting; {@link #wake} makes waiting calls
   *     look
   */
  public boolean enter(PeerId peer, int priority, BooleanSupplier givenUp) {
    lock.lock();
    try {
      PeerTurns line = lines.computeIfAbsent(peer, ignored -> new PeerTurns());
      Ticket ticket = new Ticket(priority);
      int at = 0; // behind those of the same priority, who have waited longer
      while (at < line.waiting.size() && line.waiting.get(at).priority >= priority) {
        at++;
      }
      line.waiting.add(at, ticket);
      waiting++;
      grant();
      while (!ticket.granted) {
        if (givenUp.getAsBoolean()) {
          line.waiting.remove(ticket);
          waiting--;
          forgetIfIdle(peer, line);
          return false;
        }
        // Whoever ends it says so by givenUp and wake; an interrupt would be a second way.
        changed.awaitUninterruptibly();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Ends a turn. */
  public void leave(PeerId peer) {
    lock.lock();
    try {
      PeerTurns line = lines.get(peer);
      if (line == null || line.running == 0) {
        throw new IllegalStateException("no turn of " + peer + " to end");
      }
      line.running--;
      running--;
      // Before the next is chosen: lines of peers that are gone must not be looked through for
      // ever.
      forgetIfIdle(peer, line);
      grant();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes all that wait look whether they have been given up: all, since they wait for one
   * condition and nobody knows which of them is meant.
   */
  public void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void forgetIfIdle(PeerId peer, PeerTurns line) {
    if (line.running == 0 && line.waiting.isEmpty()) {
      lines.remove(peer);
    }
  }

  @GuardedBy("lock")
  private void grant() {
    boolean any = false;
    for (PeerId peer = next(); peer != null; peer = next()) {
      // To the end of the order: the others come first next time.
      PeerTurns line = lines.remove(peer);
      lines.put(peer, line);
      line.waiting.removeFirst().granted = true;
      line.running++;
      running++;
      waiting--;
      any = true;
    }
    if (any) {
      changed.signalAll();
    }
  }

  @GuardedBy("lock")
  private @Nullable PeerId next() {
    // All peers together: each walk holds a thread, a store and memory for a block.
    if (running >= total) {
      return null;
    }
    for (Map.Entry<PeerId, PeerTurns> entry : lines.entrySet()) {
      if (!entry.getValue().waiting.isEmpty() && entry.getValue().running < perPeer) {
        return entry.getKey();
      }
    }
    return null;
  }
}
