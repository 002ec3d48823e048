package io.sluice.protocol.libp2p;

import io.sluice.protocol.multiformats.PeerId;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * How many streams there are: in the whole host, of each peer, in each protocol, and of a peer in a
 * protocol. A stream counts in each scope that it belongs to, or, where one of them is full, in
 * none. Safe for all threads; nothing here blocks.
 */
final class ResourceScopes {
  /** What a stream takes up in its scopes; given back once, whoever asks. */
  interface Lease {
    void giveBack();
  }

  /** Streams of one scope, and how many there may be. */
  private record Scope(AtomicInteger open, int limit) {
    boolean tryTake() {
      if (open.incrementAndGet() <= limit) {
        return true;
      }
      open.decrementAndGet();
      return false;
    }
  }

  /** The scopes of one peer, over all of its connections. */
  private static final class PeerScopes {
    final Scope inbound;
    final Scope outbound;
    final Map<String, Scope> byProtocol = new ConcurrentHashMap<>();

    PeerScopes(HostLimits limits) {
      inbound = new Scope(new AtomicInteger(), limits.inboundStreamsPerPeer());
      outbound = new Scope(new AtomicInteger(), limits.outboundStreamsPerPeer());
    }
  }

  private final HostLimits limits;
  private final Scope inbound;
  private final Scope outbound = new Scope(new AtomicInteger(), Integer.MAX_VALUE);
  private final Map<String, Scope> byProtocol = new ConcurrentHashMap<>();
  private final Map<PeerId, PeerScopes> peers = new ConcurrentHashMap<>();
  private final LongAdder refused = new LongAdder();

  ResourceScopes(HostLimits limits) {
    this.limits = limits;
    this.inbound = new Scope(new AtomicInteger(), limits.inboundStreams());
  }

  /** For a stream that a peer opens, whose protocol is still open; null if there are too many. */
  @Nullable Lease inbound(PeerId peer) {
    return take(inbound, peer(peer).inbound);
  }

  /**
   * For an inbound stream that has agreed on a protocol, in addition; null if there are too many.
   *
   * @param protocol one that is served here: their names are few
   */
  @Nullable Lease inbound(PeerId peer, String protocol) {
    return take(
        scope(byProtocol, protocol, limits.inboundStreamsOfProtocol()),
        scope(peer(peer).byProtocol, protocol, limits.inboundStreamsPerProtocol()));
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
    return inbound.open().get();
  }

  int outbound() {
    return outbound.open().get();
  }

  /** Inbound streams by protocol. */
  Map<String, Integer> byProtocol() {
    Map<String, Integer> open = new TreeMap<>();
    byProtocol.forEach((protocol, scope) -> open.put(protocol, scope.open().get()));
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
    return scopes.computeIfAbsent(protocol, name -> new Scope(new AtomicInteger(), limit));
  }

  private @Nullable Lease take(Scope whole, Scope part) {
    if (!whole.tryTake()) {
      refused.increment();
      return null;
    }
    if (!part.tryTake()) {
      whole.open().decrementAndGet();
      refused.increment();
      return null;
    }
    AtomicInteger held = new AtomicInteger(1);
    return () -> {
      if (held.getAndSet(0) == 1) {
        whole.open().decrementAndGet();
        part.open().decrementAndGet();
      }
    };
  }
}
