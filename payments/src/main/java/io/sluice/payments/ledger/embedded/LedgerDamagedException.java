package io.sluice.payments.ledger.embedded;

import java.io.IOException;

/** A ledger file has bytes, or lacks some, as no crash can explain; nothing is read past them. */
public final class LedgerDamagedException extends IOException {
  LedgerDamagedException(String message) {
    super(message);
  }
}
