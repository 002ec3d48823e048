package io.sluice.payments.ledger;

import io.sluice.payments.voucher.Domain;
import java.io.IOException;

/** A home has channels on a ledger that is not the one it was given, or that has lost them. */
public final class WrongLedgerException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Says what is wrong, and what to do.
   *
   * @param what what was found
   * @param theirs the ledger that the channels are on
   */
  public WrongLedgerException(String what, Domain theirs) {
    super(
        what
            + ": this home's money is on ledger "
            + theirs
            + "; put the right ledger back from a copy, or say where it is (ledger.path,"
            + " SLUICE_LEDGER); without it this home's channels are lost, and only a new home can"
            + " go on with its keys");
  }
}
