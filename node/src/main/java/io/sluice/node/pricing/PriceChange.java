package io.sluice.node.pricing;

import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.Terms;
import java.time.Instant;
import java.util.Optional;

/**
 * One change of the price list.
 *
 * @param content the root it is about; empty for the default
 * @param terms the terms from now on; empty if the entry was taken off
 * @param at when it was made
 */
public record PriceChange(Optional<Cid> content, Optional<Terms> terms, Instant at) {}
