package io.sluice.node.pricing;

import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Terms;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What something costs: terms for each token that it can be paid in, or that it is given away.
 *
 * @param byToken by the token's address, at least one; of what is given away there is one
 */
public record PriceTag(Map<EvmAddress, Terms> byToken) {
  /** Copies the map. */
  public PriceTag {
    byToken = Map.copyOf(byToken);
    if (byToken.isEmpty()) {
      throw new IllegalArgumentException("a price of nothing");
    }
  }

  /** A price in one token, or that something is given away. */
  public static PriceTag of(EvmAddress token, Terms terms) {
    return new PriceTag(Map.of(token, terms));
  }

  /** Whether it is given away. */
  public boolean isFree() {
    return byToken.values().stream().allMatch(Terms::isFree);
  }

  /** The terms for who pays in that token; whoever pays in whatever gets what is given away. */
  public Optional<Terms> in(EvmAddress token) {
    return isFree()
        ? byToken.values().stream().findFirst()
        : Optional.ofNullable(byToken.get(token));
  }

  /** The first of those tokens that there is a price in. */
  public Optional<EvmAddress> first(List<EvmAddress> tokens) {
    return isFree()
        ? byToken.keySet().stream().findFirst()
        : tokens.stream().filter(byToken::containsKey).findFirst();
  }

  /** The same, now with those terms for a token; what was given away is that no longer. */
  PriceTag with(EvmAddress token, Terms terms) {
    if (isFree() || terms.isFree()) {
      return of(token, terms);
    }
    Map<EvmAddress, Terms> all = new HashMap<>(byToken);
    all.put(token, terms);
    return new PriceTag(all);
  }

  /** The same without the price in a token; empty if there is no other. */
  Optional<PriceTag> without(EvmAddress token) {
    Map<EvmAddress, Terms> left = new HashMap<>(byToken);
    left.remove(token);
    return left.isEmpty() ? Optional.empty() : Optional.of(new PriceTag(left));
  }

  /** All tokens that there is a price in. */
  Set<EvmAddress> tokens() {
    return new HashSet<>(byToken.keySet());
  }
}
