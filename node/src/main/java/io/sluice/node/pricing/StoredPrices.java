package io.sluice.node.pricing;

import io.sluice.dealstore.DealStore;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.retrieval.Terms;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** The price list's changes as documents of the deal store, by number. */
record StoredPrices(DealStore store) implements PriceStore {
  private static final String COLLECTION = "price";

  private static final MapCodec<PriceChange> CODEC =
      MapCodec.of(
          f ->
              new PriceChange(
                  f.find("Content", NodeCodec.LINK, PriceChange::content),
                  f.find("Terms", Terms.CODEC, PriceChange::terms),
                  f.get(
                      "At",
                      NodeCodec.LONG.as(Instant::ofEpochMilli, Instant::toEpochMilli),
                      PriceChange::at)));

  @Override
  public List<PriceChange> load() {
    return store.documents(COLLECTION).entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(entry -> CODEC.decode(entry.getValue()))
        .toList();
  }

  @Override
  public void append(PriceChange change) throws IOException {
    store.putDocument(COLLECTION, "%016d".formatted(store.next(COLLECTION)), CODEC.encode(change));
  }
}
