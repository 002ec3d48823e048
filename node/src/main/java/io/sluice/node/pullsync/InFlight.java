package io.sluice.node.pullsync;

import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** What the syncs of a node are fetching right now, so that a block travels once. Thread-safe. */
final class InFlight {
  private final Map<Multihash, CompletableFuture<Void>> claims = new ConcurrentHashMap<>();

  /**
   * Takes a block upon oneself; whoever does has to call {@link #release} in the end.
   *
   * @return empty if it is one's own; else what completes when whoever has it is done with it
   */
  Optional<CompletableFuture<Void>> claim(Cid cid) {
    return Optional.ofNullable(claims.putIfAbsent(cid.hash(), new CompletableFuture<>()));
  }

  /** The block is here, or whoever claimed it has given up. */
  void release(Cid cid) {
    CompletableFuture<Void> claim = claims.remove(cid.hash());
    if (claim != null) {
      claim.complete(null);
    }
  }

  int size() {
    return claims.size();
  }
}
