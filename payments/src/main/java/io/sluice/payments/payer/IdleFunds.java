package io.sluice.payments.payer;

import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.time.Instant;

/**
 * Money in a channel that no deal uses.
 *
 * @param since since when
 * @param change what the payer would get back
 */
record IdleFunds(Instant since, TokenAmount change) {
  /** Settling, collecting and withdrawing cost about twice what a redemption does. */
  private static final long COSTS = 2;

  /** When it is to be taken back by itself. */
  Instant due(Duration after) {
    return since.plus(after);
  }

  /**
   * Whether taking it back brings what it costs.
   *
   * @param cost of a redemption
   */
  boolean isWorth(TokenAmount cost) {
    return change.isWorth(COSTS, cost);
  }
}
