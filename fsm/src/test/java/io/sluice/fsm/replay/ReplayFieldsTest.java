package io.sluice.fsm.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.Attachment;
import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.client.DealOrder;
import io.sluice.fsm.client.LaneOpening;
import io.sluice.fsm.replay.Difference.Kind;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * A paid deal's history with one field of one entry changed, for every field there is, down to the
 * last one of its data: never taken for the recorded one, and found where it is, or by the hash
 * that the next entry has of it.
 */
class ReplayFieldsTest {
  private static final KnownTables TABLES = KnownTables.of(ClientDeals.TABLE);
  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
  private static final EvmAddress ACCOUNT = EvmAddress.parse("0x" + "11".repeat(20));
  private static final Bytes32 HASH = Bytes32.parse("22".repeat(32));
  private static final Terms TERMS =
      new Terms(TokenAmount.of(Terms.MIB), TokenAmount.of(10), 1_000, 0, 1_000, 600);
  private static final Payee PAYEE =
      new Payee(
          1,
          ACCOUNT,
          EvmAddress.ZERO,
          ACCOUNT,
          60,
          TokenAmount.of(5),
          0,
          Optional.of("PLAY"),
          Optional.of(18L));
  private static final String OTHER_CID =
      "bafybeicioqsmc5up2iguonsvsgn7eivczzoo7gny4qgd4cgr3jbzhavjtm";

  private static final List<JournalEntry> HISTORY = history();

  private static Instant at(long second) {
    return START.plusSeconds(second);
  }

  private static List<JournalEntry> history() {
    byte[] signature = new byte[65];
    signature[64] = 27;
    DealOpening opening =
        new DealOpening(12, TERMS, PAYEE, HASH, 3, Optional.empty(), Signature.of(signature));
    ClientDeal deal =
        ClientDeal.decided(
            12,
            new DealOrder(
                PeerId.parse("12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp"),
                List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/4001")),
                Cid.parse("bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"),
                Node.map().put(".", Node.map().build()).build(),
                Optional.of(new Offer(TERMS, PAYEE)),
                TokenAmount.of(1_000_000)),
            new LeftOut(2, 1, HASH),
            7,
            START);
    List<JournalEntry> entries =
        DealScenario.of(ClientDeals.TABLE, deal)
            .on(
                ClientEvent.FUNDED,
                new ClientInput.Funded(at(1), new LaneOpening(opening, TokenAmount.of(500))),
                ClientState.PROPOSED)
            .on(ClientEvent.ACCEPTED, new ClientInput.At(at(2)), ClientState.TRANSFERRING)
            .on(
                ClientEvent.PROGRESS,
                new ClientInput.Verified(at(3), 300, 310, 5),
                ClientState.TRANSFERRING)
            .on(
                ClientEvent.VOUCHER_SIGNED,
                new ClientInput.Signed(at(4), TokenAmount.of(810), 4, 300),
                ClientState.TRANSFERRING)
            .on(
                ClientEvent.ALL_VERIFIED,
                new ClientInput.Verified(at(5), 600, 620, 9),
                ClientState.FINALIZING)
            .on(ClientEvent.FINAL_SENT, new ClientInput.At(at(6)), ClientState.ENDED)
            .history();
    // With an attachment, as a voucher is one.
    JournalEntry voucher = entries.get(4);
    List<JournalEntry> rest = new ArrayList<>(entries.subList(0, 4));
    rest.add(
        rechained(
            voucher,
            voucher.previousHash(),
            List.of(new Attachment("voucher-given", Node.map().put("Amount", 810).build()))));
    for (JournalEntry entry : entries.subList(5, entries.size())) {
      rest.add(rechained(entry, rest.getLast().hash(), List.of()));
    }
    return rest;
  }

  private static JournalEntry rechained(
      JournalEntry e, io.sluice.fsm.EntryHash previous, List<Attachment> attachments) {
    return new JournalEntry(
        e.machine(),
        e.table(),
        e.version(),
        e.sequence(),
        e.event(),
        e.input(),
        e.before(),
        e.after(),
        e.data(),
        e.time(),
        previous,
        attachments);
  }

  private static HistoryFooter footer() {
    HistoryDigest digest = new HistoryDigest();
    HISTORY.forEach(digest::add);
    return digest.footer();
  }

  private static ReplayReport replayed(List<JournalEntry> entries) {
    Replay replay = new Replay(TABLES);
    for (JournalEntry entry : entries) {
      if (!replay.add(entry)) {
        return replay.endUnreadable("not reached");
      }
    }
    return replay.end(footer());
  }

  // ---- changing one field

  /** What the value becomes if one field in it is changed, for each field; by the field's path. */
  private static Map<String, Node> changes(Node value) {
    Map<String, Node> changes = new TreeMap<>();
    collect("", value, changed -> changed, changes);
    return changes;
  }

  private static void collect(
      String path, Node value, UnaryOperator<Node> around, Map<String, Node> into) {
    switch (value) {
      case Node.Map map ->
          map.entries()
              .forEach(
                  entry ->
                      collect(
                          path + "/" + entry.getKey().string(),
                          entry.getValue(),
                          changed -> around.apply(replaced(map, entry.getKey(), changed)),
                          into));
      case Node.List list -> {
        for (int i = 0; i < list.items().size(); i++) {
          int at = i;
          collect(
              path + "/" + i,
              list.items().get(i),
              changed -> {
                List<Node> items = new ArrayList<>(list.items());
                items.set(at, changed);
                return around.apply(new Node.List(items));
              },
              into);
        }
      }
      default -> into.put(path, around.apply(other(value)));
    }
  }

  private static Node replaced(Node.Map map, Node.Text key, Node value) {
    Node.MapBuilder changed = Node.map();
    map.entries()
        .forEach(e -> changed.put(e.getKey(), e.getKey().equals(key) ? value : e.getValue()));
    return changed.build();
  }

  private static Node other(Node leaf) {
    return switch (leaf) {
      case Node.Null unused -> Node.of(true);
      case Node.Bool bool -> Node.of(!bool.value());
      case Node.Int number -> Node.of(number.value().add(BigInteger.ONE));
      case Node.Float number -> Node.of(number.value() + 1);
      case Node.Text text -> Node.of(text.string() + "x");
      case Node.Bytes bytes -> {
        byte[] changed = bytes.size() == 0 ? new byte[1] : bytes.array();
        changed[changed.length - 1] ^= 1;
        yield Node.of(changed);
      }
      case Node.Link unused -> Node.of(Cid.parse(OTHER_CID));
      case Node.List list -> list;
      case Node.Map map -> map;
    };
  }

  /** Every changed history that can be read, by number of the entry and path of the field. */
  private interface ChangedHistory {
    void check(int number, String path, ReplayReport report);
  }

  private static int forEachChange(String within, ChangedHistory check) {
    int many = 0;
    for (int i = 0; i < HISTORY.size(); i++) {
      for (Map.Entry<String, Node> change : changes(HISTORY.get(i).toNode()).entrySet()) {
        if (!change.getKey().startsWith(within)) {
          continue;
        }
        List<JournalEntry> entries = new ArrayList<>(HISTORY);
        try {
          entries.set(i, JournalEntry.of(change.getValue()));
        } catch (ProtocolException e) {
          continue; // not an entry any more, which is said as well
        }
        many++;
        check.check(i + 1, change.getKey(), replayed(entries));
      }
    }
    return many;
  }

  private static Difference difference(ReplayReport report, String what) {
    return report.difference().orElseThrow(() -> new AssertionError(what + " was not seen"));
  }

  @Test
  void givenTheHistory_thenItReplays_andIsThatOfAPaidDeal() {
    assertTrue(replayed(HISTORY).same(), () -> "" + replayed(HISTORY).difference());
    assertEquals(
        DealOutcome.COMPLETED.name(), replayed(HISTORY).states().values().iterator().next());
  }

  @Test
  void givenAnyFieldChanged_thenItIsFoundThereOrByTheNextEntry() {
    int many =
        forEachChange(
            "",
            (number, path, report) -> {
              Difference found = difference(report, number + path);
              boolean there = found.position() == number;
              boolean next =
                  found.position() == number + 1
                      && EnumSet.of(Kind.CHAIN, Kind.HEAD, Kind.STATE, Kind.SEQUENCE)
                          .contains(found.kind());
              assertTrue(there || next, () -> number + path + ": " + found);
            });
    assertTrue(many > 300, many + " changes");
  }

  @Test
  void givenAFieldOfTheDataChanged_thenItIsNamed() {
    int many =
        forEachChange(
            "/data/",
            (number, path, report) -> {
              Difference found = difference(report, number + path);
              if (number == 1) {
                return; // a beginning is what it is; the entry after it shows
              }
              assertEquals(number, found.position(), path);
              assertEquals(Kind.DATA, found.kind(), path);
              String field = path.replaceFirst("(/[0-9]+)+$", "").replaceFirst(".*/", "");
              assertTrue(found.message().contains(field), () -> path + ": " + found);
            });
    assertTrue(many > 150, many + " changes");
  }

  @Test
  void givenAStateChanged_thenThatIsWhatIsSaid() {
    for (String path : List.of("/before", "/after")) {
      int many =
          forEachChange(
              path,
              (number, field, report) -> {
                Difference found = difference(report, number + field);
                assertEquals(Kind.STATE, found.kind(), () -> number + field + ": " + found);
                assertEquals(number, found.position(), field);
              });
      assertEquals(HISTORY.size(), many, path);
    }
  }

  @Test
  void givenAFieldOfTheInputChanged_thenTheDataDifferOrTheChainBreaks() {
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    forEachChange(
        "/input", (number, path, report) -> kinds.add(difference(report, number + path).kind()));
    assertTrue(kinds.contains(Kind.DATA), kinds.toString());
    assertTrue(EnumSet.of(Kind.DATA, Kind.CHAIN, Kind.HEAD).containsAll(kinds), kinds.toString());
  }

  @Test
  void givenTheTimeOrTheAttachmentChanged_thenTheChainBreaks() {
    for (String path : List.of("/time", "/with")) {
      int many =
          forEachChange(
              path,
              (number, field, report) -> {
                Difference found = difference(report, number + field);
                assertEquals(number + 1, found.position(), field);
                assertEquals(number == HISTORY.size() ? Kind.HEAD : Kind.CHAIN, found.kind());
              });
      assertTrue(many > 0, path);
    }
  }
}
