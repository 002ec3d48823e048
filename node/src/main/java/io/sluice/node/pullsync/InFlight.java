package io.sluice.node.pullsync;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a node is fetching right now from several others, so that each thing travels once.
 * Thread-safe.
 *
 * @param <K> names it
 */
public final class InFlight<K> {
  private final Map<K, CompletableFuture<Void>> claims = new ConcurrentHashMap<>();

  /**
   * Takes something upon oneself; whoever does has to call {@link #release} in the end.
   *
   * @return empty if it is one's own; else what completes when whoever has it is done with it
   */
  public Optional<CompletableFuture<Void>> claim(K what) {
    return Optional.ofNullable(claims.putIfAbsent(what, new CompletableFuture<>()));
  }

  /** It is here, or whoever claimed it has given up. */
  public void release(K what) {
    CompletableFuture<Void> claim = claims.remove(what);
    if (claim != null) {
      claim.complete(null);
    }
  }

  int size() {
    return claims.size();
  }
}
