package io.sluice.payments.ledger;

/**
 * A place in a ledger's sequence of events; what the text means is the ledger's own affair.
 *
 * @param text empty for the place before the first event
 */
public record Cursor(String text) {
  /** Before the first event. */
  public static final Cursor START = new Cursor("");
}
