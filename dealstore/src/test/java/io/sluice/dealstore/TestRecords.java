package io.sluice.dealstore;

import io.sluice.dealstore.journal.JournalSettings;
import io.sluice.fsm.EntryHash;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Small things to put into a store, and what is in one. */
final class TestRecords {
  static final KnownTables TABLES = KnownTables.of(ClientDeals.TABLE);

  /** Two machines or so fill a segment. */
  static final JournalSettings SMALL = new JournalSettings(1_500, 1 << 16);

  private TestRecords() {}

  static Node given(String deal, long lane, long amount) {
    return voucher(deal, lane, amount).toNode();
  }

  static PaymentRecord voucher(String deal, long lane, long amount) {
    byte[] signature = new byte[65];
    signature[64] = 27;
    return new PaymentRecord.VoucherGiven(
        new DealRef(deal),
        new SignedVoucher(
            new Domain(1, EvmAddress.of(new byte[20])),
            new Voucher(Bytes32.of(new byte[32]), lane, amount, TokenAmount.of(amount)),
            Signature.of(signature)));
  }

  /** A deal that ends at once, or never. */
  static JournalEntry deal(long number, boolean ended) {
    return new JournalEntry(
        new MachineId("c-" + number),
        ClientDeals.TABLE.name(),
        ClientDeals.TABLE.version(),
        1,
        JournalEntry.STARTED,
        Node.ofNull(),
        "",
        (ended ? ClientState.ENDED : ClientState.NEW).name(),
        Node.of("of deal " + number),
        Instant.ofEpochSecond(number),
        EntryHash.ZERO,
        List.of());
  }

  static DealStore open(Path folder, StoreDisk disk) throws IOException {
    return StoreStart.open(folder, TABLES, SMALL, disk);
  }

  static DealStore open(Path folder) throws IOException {
    return open(folder, StoreDisk.real(cause -> {}));
  }

  static boolean isLive(long round) {
    return round == 6 || round == 9;
  }

  /**
   * One round of everything a store does; {@code done} is told what is durable, once it is.
   *
   * @return how many segments were deleted
   */
  static int work(DealStore store, long round, Map<String, String> done) throws IOException {
    JournalEntry entry = deal(round, !isLive(round));
    store.append(entry, entry.machineAfter(!isLive(round)));
    done.put("c-" + round, "of deal " + round);
    store.append(voucher("c-" + round, 0, 100 + round));
    done.put("paid c-" + round, String.valueOf(100 + round));
    store.putDocument("price", "*", Node.of(round));
    done.put("price", String.valueOf(round));
    return round % 4 == 3 ? store.prune(Instant.ofEpochSecond(1_000_000), Duration.ZERO) : 0;
  }

  /** All that {@link #work} put there. */
  static Map<String, String> books(DealStore store) throws IOException {
    Map<String, String> books = new TreeMap<>();
    store
        .all(ClientDeals.TABLE.name())
        .forEach(machine -> books.put(machine.id().value(), machine.data().asText()));
    for (PaymentRecord record : store.payments()) {
      if (record instanceof PaymentRecord.VoucherGiven given) {
        books.put("paid " + given.deal().value(), given.voucher().amount().toString());
      }
    }
    store.document("price", "*").ifPresent(price -> books.put("price", "" + price.asLong()));
    return books;
  }
}
