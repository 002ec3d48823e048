package io.sluice.protocol.libp2p;

import io.sluice.protocol.multiformats.PeerId;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * How many streams there are: in the whole host, of each peer, in each protocol, and of a peer in a
 * protocol. A stream counts in each scope that it belongs to, or, where one of them is full, in
 * none. Of the streams that a peer has opened, some are served, and as many more as it may open
 * before they are accepted may wait for that. Safe for all threads; nothing but {@link #await}
 * blocks.
 */
final class ResourceScopes {
  /** What a stream takes up in its scopes; given back once, whoever asks. */
  interface Lease {
    void giveBack();
  }

  /** Streams of one scope, and how many there may be. */
  private record Scope(Semaphore room, int limit) {
    Scope(int limit) {
      this(new Semaphore(limit, true), limit); // fair: who waits is not overtaken for ever
    }

    boolean tryTake() {
      return room.tryAcquire();
    }

    int open() {
      return limit - room.availablePermits();
    }
  }

  /** The scopes of one peer, over all of its connections. */
  private static final class PeerScopes {
    final Scope inbound;
    final Scope served;
    final Scope outbound;
    final Map<String, Scope> byProtocol = new ConcurrentHashMap<>();

    PeerScopes(HostLimits limits) {
      inbound = new Scope(limits.inboundStreamsPerPeer() + Yamux.BACKLOG);
      served = new Scope(limits.inboundStreamsPerPeer());
      outbound = new Scope(limits.outboundStreamsPerPeer());
    }
  }

  private final HostLimits limits;
  private final Scope inbound;
  private final Scope outbound = new Scope(Integer.MAX_VALUE);
  private final Map<String, Scope> byProtocol = new ConcurrentHashMap<>();
  private final Map<PeerId, PeerScopes> peers = new ConcurrentHashMap<>();
  private final LongAdder refused = new LongAdder();

  ResourceScopes(HostLimits limits) {
    this.limits = limits;
    this.inbound = new Scope(limits.inboundStreams());
  }

  /** For a stream that a peer opens, whose protocol is still open; null if there are too many. */
  @Nullable Lease inbound(PeerId peer) {
    return take(inbound, peer(peer).inbound);
  }

  /**
   * For an inbound stream that has agreed on a protocol and is to be served, in addition; null if
   * there are too many.
   *
   * @param protocol one that is served here: their names are few
   */
  @Nullable Lease inbound(PeerId peer, String protocol) {
    return take(inProtocol(protocol), inProtocol(peer, protocol), peer(peer).served);
  }

  /**
   * The same, but waits while the peer has enough of them; null if the host has too many. How long
   * that takes is up to the streams of the same peer that are served.
   */
  @Nullable Lease await(PeerId peer, String protocol, int atOnce) throws InterruptedException {
    Scope whole = inProtocol(protocol);
    Scope part =
        scope(
            peer(peer).byProtocol, protocol, Math.min(atOnce, limits.inboundStreamsPerProtocol()));
    Scope served = peer(peer).served;
    if (!whole.tryTake()) {
      refused.increment();
      return null;
    }
    boolean inTurn = false;
    try {
      part.room().acquire();
      try {
        served.room().acquire();
        inTurn = true;
      } finally {
        if (!inTurn) {
          part.room().release();
        }
      }
    } finally {
      if (!inTurn) {
        whole.room().release();
      }
    }
    return lease(whole, part, served);
  }

  /** For a stream that is opened to a peer; null if there are too many. */
  @Nullable Lease outbound(PeerId peer) {
    return take(outbound, peer(peer).outbound);
  }

  /** The last connection to a peer is gone; what its streams have taken is still given back. */
  void forget(PeerId peer) {
    peers.remove(peer);
  }

  int inbound() {
    return inbound.open();
  }

  int outbound() {
    return outbound.open();
  }

  /** Inbound streams by protocol. */
  Map<String, Integer> byProtocol() {
    Map<String, Integer> open = new TreeMap<>();
    byProtocol.forEach((protocol, scope) -> open.put(protocol, scope.open()));
    return open;
  }

  /** Streams that there was no room for so far, both ways. */
  long refused() {
    return refused.sum();
  }

  private PeerScopes peer(PeerId peer) {
    return peers.computeIfAbsent(peer, unknown -> new PeerScopes(limits));
  }

  private static Scope scope(Map<String, Scope> scopes, String protocol, int limit) {
    return scopes.computeIfAbsent(protocol, name -> new Scope(limit));
  }

  private Scope inProtocol(String protocol) {
    return scope(byProtocol, protocol, limits.inboundStreamsOfProtocol());
  }

  private Scope inProtocol(PeerId peer, String protocol) {
    return scope(peer(peer).byProtocol, protocol, limits.inboundStreamsPerProtocol());
  }

  private @Nullable Lease take(Scope... scopes) {
    for (int taken = 0; taken < scopes.length; taken++) {
      if (!scopes[taken].tryTake()) {
        for (int back = 0; back < taken; back++) {
          scopes[back].room().release();
        }
        refused.increment();
        return null;
      }
    }
    return lease(scopes);
  }

  private static Lease lease(Scope... scopes) {
    AtomicBoolean held = new AtomicBoolean(true);
    return () -> {
      if (held.getAndSet(false)) {
        for (Scope each : scopes) {
          each.room().release();
        }
      }
    };
  }
}
