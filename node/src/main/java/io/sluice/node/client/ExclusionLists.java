package io.sluice.node.client;

import io.sluice.dealstore.DealStore;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.MachineId;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The blocks that first requests named as left out; a deal itself holds the hash of its list. */
final class ExclusionLists {
  private static final String COLLECTION = "leftout";

  private final DealStore store;

  ExclusionLists(DealStore store) {
    this.store = store;
  }

  void keep(MachineId id, Exclusions first) throws IOException {
    if (!first.doNotSend().isEmpty()) {
      store.putDocument(
          COLLECTION, id.value(), Node.list(first.doNotSend().stream().map(Node::of).toList()));
    }
  }

  /** What a deal's first request left out. */
  Exclusions of(MachineId id, LeftOut leftOut) {
    List<Cid> list = new ArrayList<>();
    if (leftOut.listed() > 0) {
      store
          .document(COLLECTION, id.value())
          .map(Node::asList)
          .orElse(List.of())
          .forEach(link -> list.add(link.asLink()));
    }
    return new Exclusions(leftOut.skipFirst(), list);
  }
}
