package io.sluice.node.client;

import io.sluice.dealstore.DealStore;
import io.sluice.fsm.MachineId;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.util.OptionalLong;

/**
 * What providers said that they count for deals of this home that are over: a document a deal,
 * holding charged bytes. Nobody is paid for it unless the user says so.
 *
 * @param store has the documents
 */
record NamedDebts(DealStore store) {
  private static final String COLLECTION = "named-debts";

  /** The bytes that the deal's provider counts, as it last said. */
  OptionalLong charged(MachineId id) {
    return store
        .document(COLLECTION, id.value())
        .map(bytes -> OptionalLong.of(bytes.asLong()))
        .orElse(OptionalLong.empty());
  }

  void note(MachineId id, long charged) throws IOException {
    store.putDocument(COLLECTION, id.value(), Node.of(charged));
  }
}
