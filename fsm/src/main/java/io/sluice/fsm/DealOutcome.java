package io.sluice.fsm;

/**
 * How a retrieval deal ended: one axis for both roles, apart from whether anything is still owed.
 * Stored by name.
 */
public enum DealOutcome {
  /** All was sent and verified. */
  COMPLETED,
  /** The provider lacked some blocks; the others were delivered. */
  PARTIAL,
  /** The provider refused it, or it could not be paid. */
  REJECTED,
  /** It failed; the reason is in the deal. */
  FAILED,
  /** One side called it off. */
  CANCELLED
}
