package io.sluice.protocol.libp2p;

import io.sluice.protocol.multiformats.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All connections of a host, and how much each peer uses. Safe for all threads; nothing here
 * blocks.
 */
final class Connections {
  private final HostLimits limits;
  private final long sparedNanos;
  private final Map<PeerId, List<PeerConnection>> byPeer = new HashMap<>();
  private final ResourceScopes streams;
  private final List<Predicate<PeerId>> busy = new CopyOnWriteArrayList<>();
  private int count;
  private long losses;
  private long refused;
  private long trimmed;

  /**
   * None yet.
   *
   * @param spared connections that had a stream so recently, or are not older, are not closed to
   *     make room
   */
  Connections(HostLimits limits, Duration spared) {
    this.limits = limits;
    this.sparedNanos = spared.toNanos();
    this.streams = new ResourceScopes(limits);
  }

  /** Connections of peers that this says are busy are not closed because there are many. */
  void spare(Predicate<PeerId> peers) {
    busy.add(peers);
  }

  /**
   * Whether there is room for one more. If not, makes some for the one after it: closes the
   * connection that is worth least, also one that is to be spared if nothing moves on it.
   */
  boolean makeRoom() {
    List<PeerConnection> least;
    synchronized (this) {
      if (count < limits.connections()) {
        return true;
      }
      refused++;
      least = TrimOrder.choose(candidates(true), 1, sparedNanos);
      if (least.isEmpty()) {
        least = TrimOrder.choose(candidates(false), 1, sparedNanos);
      }
      trimmed += least.size();
    }
    // Outside of the lock: its end comes back here, to take it out.
    least.forEach(each -> each.session().close(Yamux.NORMAL));
    return false;
  }

  /** Closes what is worth least, down to the low mark, once there are more than the high mark. */
  void trim() {
    List<PeerConnection> least;
    synchronized (this) {
      if (count <= limits.highMark()) {
        return;
      }
      least = TrimOrder.choose(candidates(true), count - limits.lowMark(), sparedNanos);
      trimmed += least.size();
    }
    least.forEach(each -> each.session().close(Yamux.NORMAL));
  }

  private List<TrimOrder.Candidate<PeerConnection>> candidates(boolean sparing) {
    List<TrimOrder.Candidate<PeerConnection>> candidates = new ArrayList<>(count);
    for (PeerConnection each : all()) {
      YamuxSession session = each.session();
      candidates.add(
          new TrimOrder.Candidate<>(
              each,
              sparing && busy.stream().anyMatch(peers -> peers.test(each.peer())),
              session.idleNanos(),
              session.recentBytes(),
              each.outbound()));
    }
    return candidates;
  }

  /**
   * One more, whose peer is proven. Checked here again: any number of handshakes may have passed
   * {@link #makeRoom} at once.
   */
  synchronized void add(PeerConnection connection) throws LimitExceededException {
    List<PeerConnection> siblings =
        byPeer.computeIfAbsent(connection.peer(), peer -> new ArrayList<>(2));
    if (count >= limits.connections() || siblings.size() >= limits.connectionsPerPeer()) {
      refused++;
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
    streams.forget(connection.peer());
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

  /** How many streams there are. */
  ResourceScopes streams() {
    return streams;
  }

  /** Connections that there was no room for so far. */
  synchronized long refused() {
    return refused;
  }

  /** Connections that were closed to make room so far. */
  synchronized long trimmed() {
    return trimmed;
  }
}
