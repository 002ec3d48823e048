package io.sluice.dealstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.journal.JournalSettings;
import io.sluice.fsm.Attachment;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.client.DealOrder;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.EngineLimits;
import io.sluice.fsm.engine.Machines;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.fsm.replay.ReplayReport;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentRecord;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DealStoreTest {
  private static final KnownTables TABLES = KnownTables.of(ClientDeals.TABLE);
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final Cid ROOT =
      Cid.parse("bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua");
  private static final PeerId PEER =
      PeerId.parse("12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf");

  @TempDir Path directory;

  private DealStore open(JournalSettings settings) throws IOException {
    return DealStore.open(directory, TABLES, settings, cause -> {});
  }

  private DealStore open() throws IOException {
    return open(JournalSettings.DEFAULT);
  }

  private static ClientDeal deal(long number) {
    return ClientDeal.decided(
        number,
        new DealOrder(
            PEER,
            List.of(),
            ROOT,
            Selectors.exploreAll().node(),
            Optional.empty(),
            TokenAmount.ZERO),
        new LeftOut(0, 0, Bytes32.of(new byte[32])),
        number,
        NOW);
  }

  /** What users read as a deal's state. */
  private static String state(DealStore store, MachineId id) throws IOException {
    StoredMachine stored = store.load(id).orElseThrow();
    return ClientDeals.TABLE.shown(stored.state(), stored.data());
  }

  private static MachineId id(long number) {
    return new MachineId("c-" + number);
  }

  private static final class Engines implements AutoCloseable {
    private final Engine engine;
    private final Machines<ClientState, ClientDeal, ClientInput> machines;

    Engines(DealStore store) {
      engine =
          new Engine(
              store,
              store,
              Clock.fixed(NOW, ZoneOffset.UTC),
              Runnable::run,
              new io.sluice.fsm.engine.EngineWatch() {},
              EngineLimits.DEFAULT);
      machines = engine.machines(ClientDeals.TABLE, Map.of());
    }

    void run(long number, Attachment... attachments) throws Exception {
      machines.start(id(number), deal(number)).get();
      machines
          .send(id(number), ClientEvent.FREE, new ClientInput.At(NOW), List.of(attachments))
          .get();
      machines.send(id(number), ClientEvent.ACCEPTED, new ClientInput.At(NOW), List.of()).get();
    }

    void finish(long number) throws Exception {
      machines
          .send(id(number), ClientEvent.ALL_VERIFIED, new ClientInput.Verified(NOW, 1, 1, 1))
          .get();
      machines.send(id(number), ClientEvent.FINAL_SENT, new ClientInput.At(NOW)).get();
    }

    @Override
    public void close() {
      engine.close();
    }
  }

  private static Attachment attached(String deal) {
    PaymentRecord record = new PaymentRecord.DealLeft(new DealRef(deal), false);
    return new Attachment(record.kind(), record.toNode());
  }

  @Test
  void givenDealsAndPayments_whenTheStoreOpensAgain_thenAllOfItIsThere() throws Exception {
    try (DealStore store = open();
        Engines engines = new Engines(store)) {
      store.append(new PaymentRecord.DealLeft(new DealRef("alone"), false));
      engines.run(1, attached("attached"));
      engines.run(2);
      engines.finish(2);
    }

    try (DealStore store = open()) {
      assertEquals(
          List.of(id(1)), store.live("client-deal").stream().map(StoredMachine::id).toList());
      assertEquals(2, store.all("client-deal").size());
      assertEquals(5, store.history(id(2)).size());
      assertEquals("COMPLETED", state(store, id(2)));
      assertEquals(
          List.of(
              new PaymentRecord.DealLeft(new DealRef("alone"), false),
              new PaymentRecord.DealLeft(new DealRef("attached"), false)),
          store.payments());
    }
  }

  /** What SIGKILL leaves behind is the journal as it was and a database of any age. */
  @Test
  void givenADatabaseOfAnyAge_thenTheJournalBringsItUpToDate() throws Exception {
    Path old = directory.resolveSibling(directory.getFileName() + "-old");
    try (DealStore store = open();
        Engines engines = new Engines(store)) {
      engines.run(1);
      store.next("deal");
    }
    Files.copy(directory.resolve("deals.mv.db"), old);
    try (DealStore store = open();
        Engines engines = new Engines(store)) {
      engines.finish(1);
      engines.run(2);
      assertEquals(2, store.next("deal"));
    }

    for (boolean lost : List.of(false, true)) {
      Files.delete(directory.resolve("deals.mv.db"));
      if (!lost) {
        Files.copy(old, directory.resolve("deals.mv.db"));
      }
      try (DealStore store = open()) {
        assertEquals("COMPLETED", state(store, id(1)));
        assertEquals("TRANSFERRING", state(store, id(2)));
        assertEquals(Optional.of(Node.of(2)), store.document("counter", "deal"));
      }
    }
    Files.delete(old);
  }

  @Test
  void givenADatabaseThatCannotBeRead_thenItIsMadeAnew() throws Exception {
    try (DealStore store = open();
        Engines engines = new Engines(store)) {
      engines.run(1);
    }
    byte[] bytes = Files.readAllBytes(directory.resolve("deals.mv.db"));
    Arrays.fill(bytes, (byte) 0x5a);
    Files.write(directory.resolve("deals.mv.db"), bytes);

    try (DealStore store = open()) {
      assertEquals("TRANSFERRING", state(store, id(1)));
    }
  }

  @Test
  void givenDocumentsAndCounters_thenTheyAreKeptAndNumbersNeverComeAgain() throws Exception {
    try (DealStore store = open()) {
      store.putDocument("ask", "*", Node.of(7));
      store.putDocument("ask", "gone", Node.of(8));
      store.removeDocument("ask", "gone");
      assertEquals(1, store.next("deal"));
      assertEquals(2, store.next("deal"));
    }

    try (DealStore store = open()) {
      assertEquals(Map.of("*", Node.of(7)), store.documents("ask"));
      assertEquals(3, store.next("deal"));
    }
  }

  @Test
  void givenEndedDeals_whenPruned_thenTheirSegmentsGoAndTheRestSurvivesALostDatabase()
      throws Exception {
    JournalSettings small = new JournalSettings(2_000, 1 << 16);
    try (DealStore store = open(small);
        Engines engines = new Engines(store)) {
      for (int number = 1; number <= 20; number++) {
        engines.run(number);
        engines.finish(number);
      }
      engines.run(21);
      store.append(new PaymentRecord.DealLeft(new DealRef("kept"), false));
      assertEquals(0, store.prune(NOW, Duration.ofDays(1)));
      assertTrue(store.prune(NOW.plus(Duration.ofDays(2)), Duration.ofDays(1)) > 3);
      assertEquals(3, store.history(id(21)).size());
      assertEquals("COMPLETED", state(store, id(1)));
    }
    Files.delete(directory.resolve("deals.mv.db"));

    try (DealStore store = open(small)) {
      assertEquals("TRANSFERRING", store.load(id(21)).orElseThrow().state());
      assertEquals(
          List.of(new PaymentRecord.DealLeft(new DealRef("kept"), false)), store.payments());
    }
  }

  @Test
  void givenAnExport_thenItReplaysAndAnyChangeOrCutIsReported() throws Exception {
    Path file = directory.resolve("deal.sluice");
    List<JournalEntry> history;
    try (DealStore store = open();
        Engines engines = new Engines(store)) {
      engines.run(1, attached("c-1"));
      engines.finish(1);
      history = store.history(id(1));
    }
    ExportFile.write(file, history);
    byte[] whole = Files.readAllBytes(file);

    ReplayReport report = ExportFile.replay(file, TABLES);
    assertTrue(report.same(), report::toString);
    assertEquals(Map.of(id(1), "COMPLETED"), report.states());
    for (int at = 0; at < whole.length; at += 7) {
      byte[] changed = whole.clone();
      changed[at] ^= 0x01;
      Files.write(file, changed);
      int place = at;
      assertFalse(ExportFile.replay(file, TABLES).same(), () -> "changed byte " + place);
    }
    for (int length = 0; length < whole.length; length += 11) {
      Files.write(file, Arrays.copyOf(whole, length));
      int cut = length;
      assertFalse(ExportFile.replay(file, TABLES).same(), () -> "cut at " + cut);
    }
  }

  @Test
  void givenAFreshFolder_thenOnlyOurFilesAreMade() throws Exception {
    try (DealStore store = open()) {
      assertTrue(store.live("client-deal").isEmpty());
    }

    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(
          List.of("deals.mv.db", "journal"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }
}
