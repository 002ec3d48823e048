package io.sluice.protocol.graphsync.wire;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.protocol.libp2p.LimitExceededException;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How much memory long frames take, from their beginning until they are worked off.
 *
 * <p>A frame gets all of its room at once or waits for it with nothing but its beginning here, so
 * frames cannot hold each other up half-read. Whoever waits for its own peer's frames has only
 * itself to blame. Where all peers together are at the limit, the oldest frame of the peer that
 * holds most is given up, if that is more than what the asking peer would hold then: peers that
 * claim much and send little cannot keep out those that claim little. Thread-safe.
 */
public final class ReceiveMemory {
  private final long perPeer;
  private final long total;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition freed = lock.newCondition();

  @GuardedBy("lock")
  private final Map<PeerId, Share> shares = new HashMap<>();

  @GuardedBy("lock")
  private long used;

  private static final class Share {
    final Deque<Lease> leases = new ArrayDeque<>(1);
    long bytes;
  }

  /** Room for the frame that took it; given back when closed. */
  final class Lease implements AutoCloseable {
    private final PeerId peer;
    private final int bytes;
    private final Runnable giveUp;

    private Lease(PeerId peer, int bytes, Runnable giveUp) {
      this.peer = peer;
      this.bytes = bytes;
      this.giveUp = giveUp;
    }

    @Override
    public void close() {
      lock.lock();
      try {
        Share share = shares.get(peer);
        if (share != null && share.leases.remove(this)) {
          give(share, this);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Room for so many bytes.
   *
   * @param perPeer for the frames of one peer, at least {@link WireVersion#MAX_FRAME}
   * @param total for those of all peers, at least {@code perPeer}
   */
  public ReceiveMemory(long perPeer, long total) {
    if (perPeer < WireVersion.MAX_FRAME || total < perPeer) {
      throw new IllegalArgumentException(
          "no room for a frame: %d bytes a peer, %d in all".formatted(perPeer, total));
    }
    this.perPeer = perPeer;
    this.total = total;
  }

  /**
   * Takes room for a frame, waiting for it.
   *
   * @param giveUp ends the frame, so that its room is free soon; called by whoever needs it more
   * @throws LimitExceededException if there is none within that time
   */
  Lease take(PeerId peer, int bytes, Duration patience, Runnable giveUp) throws IOException {
    Lease lease = new Lease(peer, bytes, giveUp);
    long left = patience.toNanos();
    lock.lock();
    try {
      while (!fits(peer, bytes)) {
        if (left <= 0) {
          throw new LimitExceededException(
              "no room for a frame of %d bytes: the peer has %d, all together %d"
                  .formatted(bytes, held(peer), used));
        }
        left = freed.awaitNanos(left);
      }
      Share share = shares.computeIfAbsent(peer, ignored -> new Share());
      share.leases.add(lease);
      share.bytes += bytes;
      used += bytes;
      return lease;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  /** Whether there is room, now or after somebody gave up a frame. */
  @GuardedBy("lock")
  private boolean fits(PeerId peer, int bytes) {
    long then = held(peer) + bytes;
    if (then > perPeer) {
      return false;
    }
    while (used + bytes > total) {
      Share most = Collections.max(shares.values(), (a, b) -> Long.compare(a.bytes, b.bytes));
      if (most.bytes <= then) {
        return false;
      }
      Lease oldest = most.leases.removeFirst();
      give(most, oldest);
      oldest.giveUp.run();
    }
    return true;
  }

  @GuardedBy("lock")
  private long held(PeerId peer) {
    Share share = shares.get(peer);
    return share == null ? 0 : share.bytes;
  }

  @GuardedBy("lock")
  private void give(Share share, Lease lease) {
    share.bytes -= lease.bytes;
    used -= lease.bytes;
    if (share.leases.isEmpty()) {
      shares.remove(lease.peer);
    }
    freed.signalAll();
  }

  /** Bytes taken, for all peers. */
  long used() {
    lock.lock();
    try {
      return used;
    } finally {
      lock.unlock();
    }
  }
}
