package io.sluice.protocol.libp2p;

import io.sluice.protocol.multiformats.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * All connections of a host, and how much each peer uses. Safe for all threads; nothing here
 * blocks.
 */
final class Connections {
  /** A connection with streams that moved less than this, in all the time, is not much used. */
  private static final long LITTLE = 64 << 10;

  private final HostLimits limits;
  private final long sparedNanos;
  private final Map<PeerId, List<PeerConnection>> byPeer = new HashMap<>();
  private final Map<PeerId, StreamCounts> streams = new ConcurrentHashMap<>();
  private int count;
  private long losses;

  /**
   * None yet.
   *
   * @param spared connections that had a stream so recently, or are not older, are not closed to
   *     make room
   */
  Connections(HostLimits limits, Duration spared) {
    this.limits = limits;
    this.sparedNanos = spared.toNanos();
  }

  /**
   * Whether there is room for one more. If not, makes some for the one after it: closes the
   * connection that was idle longest; or else, of those whose streams move next to nothing, the one
   * that moved least. So a crowd that only holds on does not keep the others out.
   */
  boolean makeRoom() {
    PeerConnection least = null;
    synchronized (this) {
      if (count < limits.connections()) {
        return true;
      }
      for (PeerConnection each : all()) {
        if (worth(each) < LITTLE && (least == null || worth(each) < worth(least))) {
          least = each;
        }
      }
    }
    if (least != null) {
      least.session().close(Yamux.NORMAL);
    }
    return false;
  }

  /** Bytes that it moved lately; below 0, and the less the longer, if it is idle. */
  private long worth(PeerConnection connection) {
    YamuxSession session = connection.session();
    long idle = session.idleNanos();
    if (idle > 0) {
      return idle > sparedNanos ? -idle : Long.MAX_VALUE;
    }
    return session.recentBytes();
  }

  synchronized void add(PeerConnection connection) throws LimitExceededException {
    List<PeerConnection> siblings =
        byPeer.computeIfAbsent(connection.peer(), peer -> new ArrayList<>(2));
    if (count >= limits.connections() || siblings.size() >= limits.connectionsPerPeer()) {
      int held = siblings.size();
      if (siblings.isEmpty()) {
        byPeer.remove(connection.peer());
      }
      throw new LimitExceededException(
          count + " connections, " + held + " of them to " + connection.peer());
    }
    siblings.add(connection);
    count++;
  }

  /** The loss of its peer, if it was the last to that. */
  synchronized Optional<PeerLoss> remove(PeerConnection connection) {
    List<PeerConnection> siblings = byPeer.get(connection.peer());
    if (siblings == null || !siblings.remove(connection)) {
      return Optional.empty();
    }
    count--;
    if (!siblings.isEmpty()) {
      return Optional.empty();
    }
    byPeer.remove(connection.peer());
    streams.remove(connection.peer());
    losses++; // before the peer can be connected again
    return Optional.of(new PeerLoss(connection.peer(), losses));
  }

  synchronized long losses() {
    return losses;
  }

  /**
   * The one to use for a new stream: of several, which come of both ends dialling at once, the
   * oldest, so that new streams gather there.
   */
  synchronized @Nullable PeerConnection best(PeerId peer) {
    List<PeerConnection> siblings = byPeer.get(peer);
    if (siblings != null) {
      for (PeerConnection each : siblings) {
        if (!each.session().closed()) {
          return each;
        }
      }
    }
    return null;
  }

  synchronized int count() {
    return count;
  }

  synchronized List<PeerConnection> all() {
    List<PeerConnection> all = new ArrayList<>(count);
    byPeer.values().forEach(all::addAll);
    return all;
  }

  StreamCounts streams(PeerId peer) {
    return streams.computeIfAbsent(peer, StreamCounts::new);
  }

  /** The streams of one peer, over all of its connections. */
  static final class StreamCounts {
    final AtomicInteger inbound = new AtomicInteger();
    final AtomicInteger outbound = new AtomicInteger();
    private final Map<String, AtomicInteger> byProtocol = new ConcurrentHashMap<>();

    StreamCounts(PeerId peer) {}

    AtomicInteger inbound(String protocol) {
      return byProtocol.computeIfAbsent(protocol, name -> new AtomicInteger());
    }

    /** Counts one more, unless that would be too many. */
    static boolean tryTake(AtomicInteger counter, int limit) {
      if (counter.incrementAndGet() <= limit) {
        return true;
      }
      counter.decrementAndGet();
      return false;
    }
  }
}
