package io.sluice.node;

import io.sluice.dealstore.DealStore;
import io.sluice.node.pricing.Catalogue;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The roots of a home, as documents of the deal store. */
record Contents(DealStore store) implements Catalogue {
  private static final String COLLECTION = "content";

  @Override
  public Optional<Listing> listing(Cid root) {
    return find(root)
        .filter(ContentRecord::imported)
        .map(record -> new Listing(record.size(), record.blocks()));
  }

  Optional<ContentRecord> find(Cid root) {
    return store.document(COLLECTION, root.toString()).map(ContentRecord::of);
  }

  Map<Cid, ContentRecord> all() {
    Map<Cid, ContentRecord> all = new LinkedHashMap<>();
    store.documents(COLLECTION).entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> all.put(Cid.parse(entry.getKey()), ContentRecord.of(entry.getValue())));
    return all;
  }

  void put(Cid root, ContentRecord record) throws IOException {
    store.putDocument(COLLECTION, root.toString(), record.toNode());
  }

  void remove(Cid root) throws IOException {
    store.removeDocument(COLLECTION, root.toString());
  }
}
