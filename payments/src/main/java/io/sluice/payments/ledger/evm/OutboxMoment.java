package io.sluice.payments.ledger.evm;

/**
 * Moments of a transaction at which it would be worst if this process ended: something has just
 * become so that is not written down yet, or is written down and nothing more.
 */
public enum OutboxMoment {
  /** Its bytes are durable; no node was handed them. */
  KEPT,
  /** A node was handed them; that is not noted. */
  SENT,
  /** It was found in a block; that is not noted. */
  INCLUDED,
  /** Its block lies deep enough to stay; that is not noted. */
  FINAL
}
