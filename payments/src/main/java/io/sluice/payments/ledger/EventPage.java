package io.sluice.payments.ledger;

import java.util.List;

/**
 * Some events in order.
 *
 * @param events oldest first; empty when there is nothing new
 * @param next the cursor after the last of them
 */
public record EventPage(List<LedgerEvent> events, Cursor next) {
  /** Copies the list. */
  public EventPage {
    events = List.copyOf(events);
  }
}
