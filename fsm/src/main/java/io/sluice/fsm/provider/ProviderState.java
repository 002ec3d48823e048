package io.sluice.fsm.provider;

import java.util.Set;

/** Where a deal stands at its provider. */
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
  /** All was sent and a part never paid; a late payment is taken. */
  COMPLETED_UNPAID,
  /** Some blocks were not here, and of those sent a part was never paid. */
  PARTIAL_UNPAID,
  /** It failed with something unpaid. */
  FAILED_UNPAID,
  /** It was called off with something unpaid. */
  CANCELLED_UNPAID,
  /** All is sent and paid. */
  COMPLETED,
  /** Some blocks were not here; what was sent is paid. */
  PARTIAL,
  /** It failed; nothing is owed. */
  FAILED,
  /** It was called off; nothing is owed. */
  CANCELLED,
  /** The proposal was refused; the reason is in the deal. */
  REFUSED;

  /** Where a deal rests because something is unpaid: not an end, a payment leads on to that. */
  public static final Set<ProviderState> UNPAID =
      Set.of(COMPLETED_UNPAID, PARTIAL_UNPAID, FAILED_UNPAID, CANCELLED_UNPAID);

  private static final Set<ProviderState> ENDS =
      Set.of(COMPLETED, PARTIAL, FAILED, CANCELLED, REFUSED);

  /** Whether nothing happens any more. */
  public boolean isEnd() {
    return ENDS.contains(this);
  }

  /** Whether the deal has ended, or rests until somebody pays. */
  public boolean isOver() {
    return isEnd() || UNPAID.contains(this);
  }

  /** Whether the deal has neither been refused nor admitted. */
  public boolean isUndecided() {
    return this == NEW || this == AWAITING_OPENING;
  }
}
