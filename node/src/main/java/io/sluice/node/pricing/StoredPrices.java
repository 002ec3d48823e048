package io.sluice.node.pricing;

import io.sluice.dealstore.DealStore;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.FieldCodecs;
import io.sluice.protocol.retrieval.Terms;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The price list's changes as documents of the deal store, by number. Prices of homes that paid in
 * one token only do not say in which: they are written anew with the one that was meant, once, for
 * another may come first in the configuration later.
 *
 * @param store where they are
 * @param unnamed what a price is in that does not say
 */
record StoredPrices(DealStore store, EvmAddress unnamed) implements PriceStore {
  private static final String COLLECTION = "price";

  /** A change as it stands in the store. */
  private record StoredChange(
      Optional<Cid> content, Optional<EvmAddress> token, Optional<Terms> terms, Instant at) {
    static final MapCodec<StoredChange> CODEC =
        MapCodec.of(
            f ->
                new StoredChange(
                    f.find("Content", NodeCodec.LINK, StoredChange::content),
                    f.find("Token", FieldCodecs.ADDRESS, StoredChange::token),
                    f.find("Terms", Terms.CODEC, StoredChange::terms),
                    f.get(
                        "At",
                        NodeCodec.LONG.as(Instant::ofEpochMilli, Instant::toEpochMilli),
                        StoredChange::at)));

    static StoredChange of(PriceChange change) {
      return new StoredChange(change.content(), change.token(), change.terms(), change.at());
    }

    boolean isUnnamed() {
      return terms.isPresent() && token.isEmpty();
    }

    PriceChange change(EvmAddress unnamed) {
      return new PriceChange(content, isUnnamed() ? Optional.of(unnamed) : token, terms, at);
    }
  }

  @Override
  public List<PriceChange> load() throws IOException {
    List<PriceChange> changes = new ArrayList<>();
    for (Map.Entry<String, Node> entry : new TreeMap<>(store.documents(COLLECTION)).entrySet()) {
      StoredChange stored = StoredChange.CODEC.decode(entry.getValue());
      PriceChange change = stored.change(unnamed);
      if (stored.isUnnamed()) {
        put(entry.getKey(), change);
      }
      changes.add(change);
    }
    return changes;
  }

  @Override
  public void append(PriceChange change) throws IOException {
    put("%016d".formatted(store.next(COLLECTION)), change);
  }

  private void put(String key, PriceChange change) throws IOException {
    store.putDocument(COLLECTION, key, StoredChange.CODEC.encode(StoredChange.of(change)));
  }
}
