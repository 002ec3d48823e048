package io.sluice.node.client;

import io.sluice.dealstore.DealStore;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;

/**
 * What deals paid after their end, when they take no events any more: a document a deal, holding
 * all that it has paid by now.
 *
 * @param store has the documents
 */
public record LatePayments(DealStore store) {
  private static final String COLLECTION = "paid-late";

  /** All that a deal has signed away, before its end and after. */
  public TokenAmount paid(MachineId id, ClientDeal deal) {
    return store
        .document(COLLECTION, id.value())
        .map(total -> TokenAmount.parse(total.asText()))
        .map(deal.paid()::max)
        .orElse(deal.paid());
  }

  /** What it still owes for the bytes that it has on record; nothing before its provider agreed. */
  public TokenAmount owed(MachineId id, ClientDeal deal) {
    return deal.owed(paid(id, deal));
  }

  void note(MachineId id, TokenAmount total) throws IOException {
    store.putDocument(COLLECTION, id.value(), Node.of(total.toString()));
  }
}
