package io.sluice.fsm.provider;

/** Where a deal stands at its provider; how it ended is in the deal. */
public enum ProviderState {
  /** The proposal is durable, the answer not yet decided. */
  NEW,
  /** A paid deal without its opening: accepted, paused, nothing sent. */
  AWAITING_OPENING,
  /** Blocks flow, or are about to. */
  SERVING,
  /** The gate is closed until something is paid, or until the deposit grows. */
  FUNDS_NEEDED,
  /** All is sent; what is still owed is asked for. */
  FINALIZING,
  /** Nothing flows: the connection was lost or a payment waits too long. A restart goes on. */
  SUSPENDED,
  /** It is over with something unpaid, and rests: a late payment is taken at any time. */
  UNPAID,
  /** It has ended, well or not, and nothing is owed: {@link ProviderDeal#outcome}. */
  ENDED;

  /** Whether the deal has ended, or rests until somebody pays. */
  public boolean isOver() {
    return this == UNPAID || this == ENDED;
  }

  /** Whether the deal has neither been refused nor admitted. */
  public boolean isUndecided() {
    return this == NEW || this == AWAITING_OPENING;
  }
}
