package io.sluice.node;

import io.sluice.dealstore.DealStore;
import io.sluice.node.pricing.PriceChange;
import io.sluice.node.pricing.PriceStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.retrieval.Terms;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** The price list's changes as documents of the deal store, by number. */
record StoredPrices(DealStore store) implements PriceStore {
  private static final String COLLECTION = "price";

  @Override
  public List<PriceChange> load() {
    return store.documents(COLLECTION).entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(entry -> of(entry.getValue()))
        .toList();
  }

  @Override
  public void append(PriceChange change) throws IOException {
    store.putDocument(COLLECTION, "%016d".formatted(store.next(COLLECTION)), node(change));
  }

  private static Node node(PriceChange change) {
    Node.MapBuilder map = Node.map().put("At", change.at().toEpochMilli());
    change.content().ifPresent(cid -> map.put("Content", cid));
    change.terms().ifPresent(terms -> map.put("Terms", terms.toNode()));
    return map.build();
  }

  private static PriceChange of(Node node) {
    return new PriceChange(
        node.find("Content").map(Node::asLink),
        node.find("Terms").map(Terms::of),
        Instant.ofEpochMilli(node.get("At").asLong()));
  }
}
