package io.sluice.fsm.client;

import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Objects;

/**
 * The lane that pays for a deal.
 *
 * @param opening what bound the deal to it, sent again byte for byte with every restart
 * @param base what the lane had paid when the deal took it
 */
public record PaidFrom(DealOpening opening, TokenAmount base) {
  /** Checks that nothing is null. */
  public PaidFrom {
    Objects.requireNonNull(opening, "opening");
    Objects.requireNonNull(base, "base");
  }
}
