package io.sluice.protocol.libp2p;

import io.sluice.protocol.multiformats.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * All connections of a host, and how much each peer uses. Safe for all threads; nothing here
 * blocks.
 */
final class Connections {
  /** Connections that had a stream so recently are not closed to make room. */
  private static final long SPARED_NANOS = Duration.ofSeconds(30).toNanos();

  private final HostLimits limits;
  private final Map<PeerId, List<PeerConnection>> byPeer = new HashMap<>();
  private final Map<PeerId, StreamCounts> streams = new ConcurrentHashMap<>();
  private int count;

  Connections(HostLimits limits) {
    this.limits = limits;
  }

  /** Whether there is room for one more; closes the one that was idle longest to make some. */
  boolean makeRoom() {
    PeerConnection idlest = null;
    synchronized (this) {
      if (count < limits.connections()) {
        return true;
      }
      for (PeerConnection each : all()) {
        if (each.session().idleNanos() > SPARED_NANOS
            && (idlest == null || each.session().idleNanos() > idlest.session().idleNanos())) {
          idlest = each;
        }
      }
    }
    if (idlest != null) {
      idlest.session().close(Yamux.NORMAL);
    }
    return false; // for the one after this
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

  /** True if it was the last to its peer. */
  synchronized boolean remove(PeerConnection connection) {
    List<PeerConnection> siblings = byPeer.get(connection.peer());
    if (siblings == null || !siblings.remove(connection)) {
      return false;
    }
    count--;
    if (!siblings.isEmpty()) {
      return false;
    }
    byPeer.remove(connection.peer());
    streams.remove(connection.peer());
    return true;
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
