package io.sluice.protocol.libp2p;

import io.sluice.protocol.LatestEntries;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is remembered of peers, connected or not; of the least recently used it is forgotten. Safe
 * for all threads.
 */
final class PeerBook {
  private static final int MAX_PEERS = 4096;
  private static final int MAX_ADDRESSES = 64;

  private static final class Known {
    private final Set<Multiaddr> dialled = new LinkedHashSet<>();
    private final Set<Multiaddr> given = new LinkedHashSet<>();
    private List<Multiaddr> told = List.of();
    private boolean signed;
    private long sequence;
    private Set<String> protocols = Set.of();
  }

  private final Map<PeerId, Known> peers = LatestEntries.byUse(MAX_PEERS);

  /** An address at which the peer was found. */
  synchronized void dialled(PeerId peer, Multiaddr address) {
    Known known = known(peer);
    if (known.dialled.size() < MAX_ADDRESSES) {
      known.dialled.add(address);
    }
  }

  /** An address that somebody here knows of. */
  synchronized void given(PeerId peer, Multiaddr address) {
    Known known = known(peer);
    if (known.given.size() < MAX_ADDRESSES) {
      known.given.add(address);
    }
  }

  /** Somebody here wants the peer not to be known any more. */
  synchronized void forget(PeerId peer) {
    Known known = peers.get(peer);
    if (known != null) {
      known.given.clear();
      known.dialled.clear();
    }
  }

  /**
   * What the peer says about itself now. Its addresses count only while there are none that it has
   * signed.
   */
  synchronized void told(PeerId peer, List<Multiaddr> addresses, Set<String> protocols) {
    Known known = known(peer);
    if (!known.signed) {
      known.told = first(addresses);
    }
    known.protocols = protocols;
  }

  /**
   * What the peer has signed about its addresses; an old record, or the same again, changes
   * nothing.
   *
   * @param sequence unsigned
   */
  synchronized void signed(PeerId peer, long sequence, List<Multiaddr> addresses) {
    Known known = known(peer);
    if (!known.signed || Long.compareUnsigned(sequence, known.sequence) > 0) {
      known.signed = true;
      known.sequence = sequence;
      known.told = first(addresses);
    }
  }

  private static List<Multiaddr> first(List<Multiaddr> addresses) {
    return addresses.subList(0, Math.min(addresses.size(), MAX_ADDRESSES));
  }

  synchronized List<Multiaddr> addresses(PeerId peer) {
    Known known = peers.get(peer);
    if (known == null) {
      return List.of();
    }
    Set<Multiaddr> all = new LinkedHashSet<>(known.dialled);
    all.addAll(known.given);
    all.addAll(known.told);
    return List.copyOf(all);
  }

  synchronized Set<String> protocols(PeerId peer) {
    Known known = peers.get(peer);
    return known == null ? Set.of() : known.protocols;
  }

  private Known known(PeerId peer) {
    return peers.computeIfAbsent(peer, unknown -> new Known());
  }
}
