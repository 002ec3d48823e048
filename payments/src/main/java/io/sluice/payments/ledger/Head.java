package io.sluice.payments.ledger;

import java.time.Instant;

/**
 * The newest state of a ledger.
 *
 * @param height number of the newest block
 * @param time the ledger's own time there, in whole seconds
 * @param settled the newest height that the ledger itself is sure of; nothing above it counts,
 *     however few confirmations somebody asks for. Below zero if there is none
 */
public record Head(long height, Instant time, long settled) {
  /** Of a ledger that is sure of all it says. */
  public Head(long height, Instant time) {
    this(height, time, height);
  }

  /**
   * The newest height that lies deep enough to count.
   *
   * @param confirmations how many blocks, its own included, make something count; 0 is the same as
   *     1: as soon as it is included
   */
  public long counted(long confirmations) {
    return Math.min(settled, height - Math.max(0, confirmations - 1));
  }
}
