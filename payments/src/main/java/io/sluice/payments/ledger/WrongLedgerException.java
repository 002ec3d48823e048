package io.sluice.payments.ledger;

import java.io.IOException;

/** A home has channels on a ledger that is not the one it was given, or that has lost them. */
public final class WrongLedgerException extends IOException {
  /** What is known of the home's own ledger, what was found, and what to do. */
  public WrongLedgerException(String message) {
    super(message);
  }
}
