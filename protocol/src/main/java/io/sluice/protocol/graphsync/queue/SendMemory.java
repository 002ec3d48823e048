package io.sluice.protocol.graphsync.queue;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.protocol.multiformats.PeerId;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * How many bytes of blocks are queued for peers. Walks wait here while a peer, or all of them
 * together, are behind; what is taken has to be given back on every way out: written, failed,
 * cancelled, dropped.
 */
public final class SendMemory {
  private final long perPeer;
  private final long total;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition freed = lock.newCondition();

  @GuardedBy("lock")
  private final Map<PeerId, Long> used = new HashMap<>();

  @GuardedBy("lock")
  private long usedTotal;

  /** Room for so many bytes for one peer, and for so many in all. */
  public SendMemory(long perPeer, long total) {
    this.perPeer = perPeer;
    this.total = total;
  }

  /**
   * Takes bytes, waiting until there is room. A single block always finds room in the end, however
   * large it is.
   *
   * @return false, and nothing taken, if it was given up while waiting; {@link #wake} makes waiting
   *     calls look
   */
  public boolean take(PeerId peer, long bytes, BooleanSupplier givenUp) {
    lock.lock();
    try {
      while (!fits(peer, bytes)) {
        if (givenUp.getAsBoolean()) {
          return false;
        }
        freed.awaitUninterruptibly();
      }
      used.merge(peer, bytes, Long::sum);
      usedTotal += bytes;
      return true;
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private boolean fits(PeerId peer, long bytes) {
    long mine = used.getOrDefault(peer, 0L);
    return mine == 0 || (mine + bytes <= perPeer && usedTotal + bytes <= total);
  }

  /** Gives back what was taken. */
  public void give(PeerId peer, long bytes) {
    if (bytes == 0) {
      return;
    }
    lock.lock();
    try {
      used.computeIfPresent(
          peer, (ignored, mine) -> mine == bytes ? null : Long.valueOf(mine - bytes));
      usedTotal -= bytes;
      freed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Makes all that wait look whether they have been given up. */
  public void wake() {
    lock.lock();
    try {
      freed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Bytes taken, for all peers. */
  public long used() {
    lock.lock();
    try {
      return usedTotal;
    } finally {
      lock.unlock();
    }
  }
}
