package io.sluice.dealstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.journal.JournalDamaged;
import io.sluice.dealstore.journal.JournalSettings;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a start opens, lets go of, and brings in. */
@Timeout(60)
class StoreStartTest {
  @TempDir Path temporary;

  /** A store of which something is only in snapshot and tables. */
  private Path pruned() throws IOException {
    Path home = temporary.resolve("home");
    int pruned = 0;
    try (DealStore store = TestRecords.open(home)) {
      for (int round = 1; round <= 12; round++) {
        pruned += TestRecords.work(store, round, new TreeMap<>());
      }
    }
    assertTrue(pruned > 0);
    return home;
  }

  private static void flipBit(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  /** The files beneath a folder that this process has open. */
  private static List<String> open(Path folder) throws IOException {
    List<String> open = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path each : all) {
        try {
          Path file = Files.readSymbolicLink(each);
          if (file.startsWith(folder)) {
            open.add(folder.relativize(file).getName(0).toString());
          }
        } catch (NoSuchFileException closedMeanwhile) {
          // by another test
        }
      }
    }
    return open.stream().sorted().toList();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void givenAStartThatIsRefused_thenNothingOfItStaysOpen() throws IOException {
    Path home = pruned();
    Files.delete(home.resolve("deals.mv.db"));
    flipBit(home.resolve("snapshot.cbor"));

    JournalDamaged refused = assertThrows(JournalDamaged.class, () -> TestRecords.open(home));

    assertEquals(List.of(), List.of(refused.getSuppressed()));
    assertEquals(List.of(), open(home));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void givenTablesThatAreMadeAnew_thenOneJournalIsWrittenAndNoneAtTheEnd() throws IOException {
    Path home = pruned();
    Files.write(home.resolve("deals.damaged"), new byte[0]);

    try (DealStore store = TestRecords.open(home)) {
      assertEquals(12, store.all(ClientDeals.TABLE.name()).size());
      assertEquals(List.of("deals.mv.db", "journal"), open(home));
    }

    assertEquals(List.of(), open(home));
  }

  /** What ended long ago is in the tables only; a start that only reads begins with a copy. */
  @Test
  void givenAStartThatOnlyReads_thenItHasWhatOnlyTheTablesHave() throws IOException {
    Path home = pruned();

    try (DealStore store = DealStore.openToRead(home, TestRecords.TABLES)) {
      assertEquals(12, store.all(ClientDeals.TABLE.name()).size());
    }
  }

  /** One transaction brings in 1,024 of them. */
  @Test
  void givenMoreRecordsThanATransactionTakes_whenTheTablesAreLost_thenAllAreBroughtInOnce()
      throws Exception {
    Path home = temporary.resolve("home");
    int records = 1_100;
    try (DealStore store = start(home);
        ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int number = 1; number <= records; number++) {
        JournalEntry deal = TestRecords.deal(number, true);
        all.add(
            many.submit(
                () -> {
                  store.append(deal, deal.machineAfter(true));
                  return null;
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
    Files.delete(home.resolve("deals.mv.db"));

    try (DealStore store = start(home)) {
      assertEquals(records, store.all(ClientDeals.TABLE.name()).size());
      assertEquals(1, store.history(TestRecords.deal(records, true).machine()).size());
    }
  }

  private static void put(Path home, long from, long to) throws IOException {
    try (DealStore store = TestRecords.open(home)) {
      for (long number = from; number <= to; number++) {
        store.putDocument("number", "" + number, Node.of(number));
      }
    }
  }

  private static long lastSegment(Path home) throws IOException {
    try (Stream<Path> files = Files.list(home.resolve("journal"))) {
      return files
          .map(file -> Long.parseLong(file.getFileName().toString().replace(".journal", "")))
          .max(Long::compare)
          .orElseThrow();
    }
  }

  /** They are read from where the journal begins; the snapshot is for those that lack more. */
  @Test
  void givenTablesThatEndAroundTheBeginningOfTheJournal_thenOnlyThoseThatLackARecordAreMadeAnew()
      throws IOException {
    long records = 40;
    put(temporary.resolve("like it"), 1, records);
    long first = lastSegment(temporary.resolve("like it"));
    assertTrue(first > 10 && first < records, "begins with " + first);
    Path home = temporary.resolve("home");
    Path tables = home.resolve("deals.mv.db");
    put(home, 1, first - 3);
    for (long position = first - 2; position <= first; position++) {
      put(home, position, position);
      Files.copy(tables, temporary.resolve("tables " + position));
    }
    put(home, first + 1, records);
    try (DealStore store = TestRecords.open(home)) {
      assertTrue(store.prune(Instant.ofEpochSecond(1_000_000), Duration.ZERO) > 0);
    }
    assertEquals(first, lastSegment(home));

    for (long position = first; position >= first - 2; position--) {
      Files.copy(
          temporary.resolve("tables " + position), tables, StandardCopyOption.REPLACE_EXISTING);
      try (DealStore store = TestRecords.open(home)) {
        assertEquals(records, store.documents("number").size(), "tables " + position);
      }
      assertEquals(
          position < first - 1,
          Files.exists(home.resolve("deals.mv.db.bad")),
          "tables " + position + ", the journal begins with " + first);
    }
  }

  private static DealStore start(Path home) throws IOException {
    return StoreStart.open(
        home, TestRecords.TABLES, JournalSettings.DEFAULT, StoreDisk.real(cause -> {}));
  }
}
