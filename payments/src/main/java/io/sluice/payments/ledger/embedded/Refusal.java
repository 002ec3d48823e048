package io.sluice.payments.ledger.embedded;

import io.sluice.payments.ledger.LedgerError;

/** Ends the judging of an intent; what a contract does by reverting. */
final class Refusal extends RuntimeException {
  final LedgerError error;

  Refusal(LedgerError error, String message) {
    super(message, null, false, false);
    this.error = error;
  }
}
