package io.sluice.dealstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.journal.JournalDamaged;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was decided is found at once, whether or not the tables have it already. */
class StoreStateTest {
  private static final String TABLE = ClientDeals.TABLE.name();
  private static final Instant LATER = Instant.ofEpochSecond(1_000_000);

  @TempDir Path directory;

  private static MachineId id(long number) {
    return new MachineId("c-" + number);
  }

  private static void append(DealStore store, long number, boolean ended) throws IOException {
    JournalEntry entry = TestRecords.deal(number, ended);
    store.append(entry, entry.machineAfter(ended));
  }

  private static List<String> live(DealStore store, String table) throws IOException {
    return store.live(table).stream().map(machine -> machine.id().value()).toList();
  }

  @Test
  void givenDealsThatRunAndOnesThatEnded_thenEachIsFoundAndOnlyTheFormerLive() throws IOException {
    for (int start = 1; start <= 2; start++) {
      try (DealStore store = TestRecords.open(directory)) {
        if (start == 1) {
          append(store, 9, false);
          append(store, 1, true);
          append(store, 6, false);
        }

        assertEquals(List.of("c-6", "c-9"), live(store, TABLE));
        assertEquals(List.of(), live(store, "another-table"));
        assertTrue(store.load(id(1)).orElseThrow().ended());
        assertFalse(store.load(id(6)).orElseThrow().ended());
        assertEquals(Optional.empty(), store.load(id(2)));
        assertEquals(
            List.of("c-1", "c-6", "c-9"),
            store.all(TABLE).stream().map(machine -> machine.id().value()).sorted().toList());
      }
    }
  }

  /** The tables follow behind; whoever asks them waits until they have it. */
  @Test
  void givenWhatWasJustAppended_thenEveryQuestionFindsIt() throws IOException {
    try (DealStore store = TestRecords.open(directory)) {
      append(store, 1, true);
      assertEquals(1, store.history(id(1)).size());
      append(store, 2, false);
      assertEquals(2, store.all(TABLE).size());
      store.append(TestRecords.voucher("c-2", 0, 7));
      assertEquals(List.of(TestRecords.voucher("c-2", 0, 7)), store.payments());
      store.putDocument("price", "*", Node.of(3));
      assertEquals(Map.of("*", Node.of(3)), store.documents("price"));
      store.removeDocument("price", "*");
      assertEquals(Optional.empty(), store.document("price", "*"));
      assertEquals(1, store.next("deal"));
      assertEquals(2, store.next("deal"));
    }
  }

  @Test
  void givenSegmentsThatNobodyNeeds_thenTheyGoWithTheirHistoryAndNothingElse() throws IOException {
    Map<String, String> done = new TreeMap<>();
    try (DealStore store = TestRecords.open(directory)) {
      assertEquals(0, store.prune(LATER, Duration.ZERO), "there is one segment, and it is written");
      store.putDocument("price", "first", Node.of(9));
      for (int round : List.of(1, 2, 4, 5, 8)) {
        TestRecords.work(store, round, done);
      }
      int before = store.history(id(1)).size();
      assertEquals(1, before);
      assertEquals(0, store.prune(LATER, Duration.ofSeconds(999_999)), "changed since");

      int pruned = store.prune(LATER, Duration.ZERO);

      assertTrue(pruned > 0);
      assertEquals(0, store.prune(LATER, Duration.ZERO), "once");
      assertEquals(List.of(), store.history(id(1)));
      assertEquals(1, store.history(id(8)).size());
      assertEquals(done, TestRecords.books(store));
    }
    Files.delete(directory.resolve("deals.mv.db"));

    try (DealStore store = TestRecords.open(directory)) {
      Map<String, String> books = TestRecords.books(store);
      assertEquals("8", books.get("price"));
      assertEquals("101", books.get("paid c-1"), "money is kept for ever");
      assertEquals(Optional.of(Node.of(9)), store.document("price", "first"));
    }
  }

  /**
   * Tables that have all but what the journal still has need no snapshot, and are not made anew.
   */
  @Test
  void givenAPrunedStore_whenOpenedAgain_thenItsTablesAreUsedAsTheyAre() throws IOException {
    Map<String, String> done = new TreeMap<>();
    for (int start = 1; start <= 6; start++) {
      try (DealStore store = TestRecords.open(directory)) {
        TestRecords.work(store, start == 3 ? 9 : start, done);
        store.prune(LATER, Duration.ZERO);
      }
      assertFalse(Files.exists(directory.resolve("deals.mv.db.bad")), "start " + start);
    }
  }

  /** What lives for ever would hold back everything, for ever. */
  @Test
  void givenAMachineWithoutEnd_thenItHoldsNothingBack_andGoesOn() throws IOException {
    Map<String, String> done = new TreeMap<>();
    try (DealStore store = TestRecords.open(directory)) {
      append(store, 6, false);
      for (int round : List.of(1, 2, 4, 5, 8)) {
        TestRecords.work(store, round, done);
      }

      assertTrue(store.prune(LATER, Duration.ZERO, Set.of("other", TABLE)) > 0);
      assertEquals(List.of(), store.history(id(6)));
    }
    Files.delete(directory.resolve("deals.mv.db"));
    try (DealStore store = TestRecords.open(directory)) {
      assertFalse(store.load(id(6)).orElseThrow().ended());
      append(store, 6, true);
      assertTrue(store.load(id(6)).orElseThrow().ended());
    }
  }

  /** Deals that run hold back the segments in which they were written, and all after these. */
  @Test
  void givenADealThatRuns_thenItsSegmentStays() throws IOException {
    Map<String, String> done = new TreeMap<>();
    try (DealStore store = TestRecords.open(directory)) {
      append(store, 6, false);
      for (int round : List.of(1, 2, 4, 5, 8)) {
        TestRecords.work(store, round, done);
      }

      assertEquals(0, store.prune(LATER, Duration.ZERO));
      append(store, 6, true);

      assertTrue(store.prune(LATER, Duration.ZERO) > 0);
    }
  }

  @Test
  void givenAPathThatNoTableCanLieIn_thenItIsRefusedBeforeAnythingIsWritten() throws IOException {
    Path odd = directory.resolve("a;b");

    assertThrows(IOException.class, () -> DealStore.requireUsable(odd));
    assertThrows(IOException.class, () -> TestRecords.open(odd));

    assertFalse(Files.exists(odd));
    DealStore.requireUsable(directory);
  }

  @Test
  void givenAHomeThatIsOnlyRead_thenItAnswersAndTakesNothing() throws IOException {
    assertThrows(
        IOException.class,
        () -> DealStore.openToRead(directory.resolve("none"), TestRecords.TABLES));
    try (DealStore store = TestRecords.open(directory)) {
      append(store, 6, false);
      store.putDocument("price", "*", Node.of(3));
    }
    for (boolean tables : List.of(true, false)) {
      if (!tables) {
        Files.delete(directory.resolve("deals.mv.db"));
      }

      try (DealStore store = DealStore.openToRead(directory, TestRecords.TABLES)) {
        assertEquals(List.of("c-6"), live(store, TABLE));
        assertEquals(Optional.of(Node.of(3)), store.document("price", "*"));
        assertThrows(IOException.class, () -> append(store, 7, false));
      }
      assertEquals(tables, Files.exists(directory.resolve("deals.mv.db")));
    }
  }

  /** Tables that cannot be trusted may be the last to know that there was a journal. */
  @Test
  void givenDamagedTablesAndALostJournal_thenItIsRefusedAtEachStart() throws IOException {
    try (DealStore store = TestRecords.open(directory)) {
      append(store, 1, true);
    }
    Files.write(directory.resolve("deals.damaged"), new byte[0]);
    Path segment = directory.resolve("journal").resolve("00000000000000000001.journal");
    byte[] journal = Files.readAllBytes(segment);
    Files.delete(segment);

    for (int start = 1; start <= 2; start++) {
      assertThrows(JournalDamaged.class, () -> TestRecords.open(directory), "start " + start);
      assertTrue(Files.exists(directory.resolve("deals.mv.db")), "start " + start);
      assertFalse(Files.exists(segment), "start " + start);
    }
    Files.write(segment, journal);

    try (DealStore store = TestRecords.open(directory)) {
      assertTrue(store.load(id(1)).orElseThrow().ended());
      assertTrue(Files.exists(directory.resolve("deals.mv.db.bad")));
      assertFalse(Files.exists(directory.resolve("deals.damaged")));
    }
  }

  @Test
  void givenMachinesOfTablesPutAside_thenThoseOfWhichNothingIsKnownComeOver() throws IOException {
    StoredMachine ended = TestRecords.deal(1, true).machineAfter(true);
    StoredMachine newer = TestRecords.deal(2, false).machineAfter(false);
    try (Database tables = Database.openCopy(directory, false)) {
      tables.write(connection -> MachineTable.put(connection, newer));

      tables.write(
          connection ->
              MachineTable.putMissing(
                  connection, List.of(ended, TestRecords.deal(2, true).machineAfter(true))));

      assertEquals(Optional.of(ended), tables.read(it -> MachineTable.get(it, id(1))));
      assertEquals(Optional.of(newer), tables.read(it -> MachineTable.get(it, id(2))));
      assertEquals(List.of(ended), tables.read(MachineTable::soundEnded));
    }
  }
}
