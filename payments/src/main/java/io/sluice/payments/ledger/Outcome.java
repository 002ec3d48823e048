package io.sluice.payments.ledger;

import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;

/** What became of an intent. */
public sealed interface Outcome {
  /** The intent's id. */
  IntentId id();

  /**
   * It happened.
   *
   * @param height where
   * @param events what it did, in order
   */
  record Included(IntentId id, long height, List<LedgerEvent> events) implements Outcome {
    /** Copies the list. */
    public Included {
      events = List.copyOf(events);
    }

    /** What this paid to payees in all. */
    public TokenAmount paid() {
      TokenAmount paid = TokenAmount.ZERO;
      for (LedgerEvent event : events) {
        if (event instanceof LedgerEvent.Redeemed redeemed) {
          paid = paid.plus(redeemed.paid());
        }
      }
      return paid;
    }
  }

  /** It is on its way, and may still happen or not. */
  record Pending(IntentId id) implements Outcome {}

  /** It cannot happen as things stand; nothing was changed. */
  record Refused(IntentId id, LedgerError error, String message) implements Outcome {}

  /** This ledger has not heard of it. */
  record Unknown(IntentId id) implements Outcome {}
}
