package io.sluice.node;

import io.sluice.dealstore.DealStore;
import io.sluice.node.pricing.Catalogue;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The roots of a home, as documents of the deal store. */
record Contents(DealStore store) {
  private static final String COLLECTION = "content";
  private static final String REMOVED = "removed";

  /** Facts about an imported root, however its CID is written. */
  Optional<Catalogue.Listing> listing(Cid root) {
    return imported(root).map(record -> new Catalogue.Listing(record.size(), record.blocks()));
  }

  /** Whether some of an imported root is not here, so that nobody can be sold all of it. */
  boolean isIncomplete(Cid root) {
    return imported(root).filter(record -> !record.complete()).isPresent();
  }

  private Optional<ContentRecord> imported(Cid root) {
    return find(root)
        .or(() -> otherVersion(root).flatMap(this::find))
        .filter(ContentRecord::imported);
  }

  /** Whoever asks may write the CID in the other way. */
  private static Optional<Cid> otherVersion(Cid cid) {
    boolean both = cid.codec() == Codec.DAG_PB && cid.hash().code() == Multihash.SHA2_256;
    return both
        ? Optional.of(cid.version() == 0 ? cid.asV1() : Cid.v0(cid.hash()))
        : Optional.empty();
  }

  Optional<ContentRecord> find(Cid root) {
    return store.document(COLLECTION, root.toString()).map(ContentRecord.CODEC::decode);
  }

  Map<Cid, ContentRecord> all() {
    Map<Cid, ContentRecord> all = new LinkedHashMap<>();
    store.documents(COLLECTION).entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            entry ->
                all.put(Cid.parse(entry.getKey()), ContentRecord.CODEC.decode(entry.getValue())));
    return all;
  }

  void put(Cid root, ContentRecord record) throws IOException {
    store.putDocument(COLLECTION, root.toString(), ContentRecord.CODEC.encode(record));
  }

  /** Takes a root off the list. That somebody said so is noted first, and outlives the root. */
  void remove(Cid root, Instant now) throws IOException {
    store.putDocument(REMOVED, root.toString(), Node.of(now.toEpochMilli()));
    store.removeDocument(COLLECTION, root.toString());
  }

  /** Whether a root was taken off the list at that time or later. */
  boolean removedSince(Cid root, Instant time) {
    return store
        .document(REMOVED, root.toString())
        .filter(at -> at.asLong() >= time.toEpochMilli())
        .isPresent();
  }
}
