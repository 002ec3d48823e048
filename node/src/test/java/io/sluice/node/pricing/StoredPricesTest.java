package io.sluice.node.pricing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.dealstore.DealStore;
import io.sluice.dealstore.journal.JournalSettings;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prices in the store, and those of homes that had but one token. */
class StoredPricesTest {
  private static final EvmAddress USDC =
      EvmAddress.parse("0x00000000000000000000000000000000000000c0");
  private static final Optional<Cid> ROOT = Optional.of(Cid.parse("bafkqaaa"));
  private static final Instant AT = Instant.ofEpochMilli(1_000);
  private static final Terms TERMS = Terms.atPrice(TokenAmount.of(7));

  @TempDir Path folder;

  private DealStore open() throws IOException {
    return DealStore.open(
        folder, KnownTables.of(ClientDeals.TABLE), JournalSettings.DEFAULT, cause -> {});
  }

  @Test
  void changesComeBackAsTheyWere() throws IOException {
    List<PriceChange> changes =
        List.of(
            new PriceChange(ROOT, Optional.of(USDC), Optional.of(TERMS), AT),
            new PriceChange(Optional.empty(), Optional.of(EvmAddress.ZERO), Optional.of(TERMS), AT),
            new PriceChange(ROOT, Optional.of(USDC), Optional.empty(), AT),
            new PriceChange(ROOT, Optional.empty(), Optional.empty(), AT));
    try (DealStore store = open()) {
      StoredPrices prices = new StoredPrices(store, EvmAddress.ZERO);
      for (PriceChange change : changes) {
        prices.append(change);
      }
    }

    try (DealStore store = open()) {
      assertEquals(changes, new StoredPrices(store, EvmAddress.ZERO).load());
    }
  }

  /** Which token is first may change later; what a price was in does not. */
  @Test
  void priceWithoutATokenIsOfTheOneThatWasFirstWhenItWasReadFirst() throws IOException {
    try (DealStore store = open()) {
      store.putDocument(
          "price",
          "%016d".formatted(store.next("price")),
          Node.map()
              .put("Content", Node.of(ROOT.get()))
              .put("Terms", Terms.CODEC.encode(TERMS))
              .put("At", Node.of(1_000))
              .build());
      PriceChange old = new PriceChange(ROOT, Optional.of(USDC), Optional.of(TERMS), AT);

      assertEquals(List.of(old), new StoredPrices(store, USDC).load());
      assertEquals(List.of(old), new StoredPrices(store, EvmAddress.ZERO).load());
    }
    try (DealStore store = open()) {
      assertEquals(1, new StoredPrices(store, EvmAddress.ZERO).load().size());
      assertEquals(
          Optional.of(USDC), new StoredPrices(store, EvmAddress.ZERO).load().getFirst().token());
    }
  }
}
