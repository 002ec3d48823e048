package io.sluice.node.pricing;

import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Terms;
import java.time.Instant;
import java.util.Optional;

/**
 * One change of the price list.
 *
 * @param content the root it is about; empty for the default
 * @param token in which token the price is; empty if all prices of the content were taken off
 * @param terms the terms from now on; empty if the entry was taken off
 * @param at when it was made
 */
public record PriceChange(
    Optional<Cid> content, Optional<EvmAddress> token, Optional<Terms> terms, Instant at) {
  /** Throws {@link IllegalArgumentException} if terms are for no token. */
  public PriceChange {
    if (terms.isPresent() && token.isEmpty()) {
      throw new IllegalArgumentException("a price in no token");
    }
  }
}
