package io.sluice.payments.ledger.embedded;

import io.sluice.payments.ledger.LedgerError;

/** Ends the judging of an intent; what a contract does by reverting. */
final class LedgerRefusal extends RuntimeException {
  final LedgerError error;

  LedgerRefusal(LedgerError error, String message) {
    super(message, null, false, false);
    this.error = error;
  }
}
