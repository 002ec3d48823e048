package io.sluice.payments.ledger;

import java.time.Instant;

/**
 * The newest state of a ledger.
 *
 * @param height number of the newest block
 * @param time the ledger's own time there, in whole seconds
 */
public record Head(long height, Instant time) {
  /**
   * The newest height that lies deep enough to count.
   *
   * @param confirmations how many blocks, its own included, make something count; 0 is the same as
   *     1: as soon as it is included
   */
  public long counted(long confirmations) {
    return height - Math.max(0, confirmations - 1);
  }
}
