package io.sluice.dealstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.blocks.BlockStoreConfig;
import io.sluice.dealstore.blocks.FileBlockStore;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.dealstore.journal.JournalRecord;
import io.sluice.dealstore.journal.JournalSettings;
import io.sluice.dealstore.journal.SegmentedJournal;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What is durable before what: written, synced, renamed, the folder synced, and then said. */
@ResourceLock("FaultyTables")
class DurabilityOrderTest {
  private static final String FIRST = "00000000000000000001.journal";
  private static final String SECOND = "00000000000000000002.journal";

  @TempDir Path directory;

  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final DiskWatch watch =
      (path, change) -> {
        String what = change + " " + path.getFileName();
        if (change != DiskWatch.Change.WRITE || seen.isEmpty() || !seen.getLast().equals(what)) {
          seen.add(what); // several writes of one file count as one
        }
      };

  private SegmentedJournal journal() throws IOException {
    return SegmentedJournal.open(
        directory.resolve("journal"), new JournalSettings(1, 1 << 16), 0, watch, cause -> {});
  }

  private void append(SegmentedJournal journal) throws IOException {
    seen.clear();
    journal.append(new JournalRecord("test", Node.of(1)), location -> seen.add("durable"));
    seen.add("said");
  }

  @Test
  void aJournalIsBegunDurably() throws IOException {
    journal().close();

    assertEquals(
        List.of(
            "FORCE_FOLDER " + directory.getFileName(),
            "CREATE " + FIRST,
            "FORCE_FOLDER journal",
            "FORCE " + FIRST),
        seen);
  }

  @Test
  void whatAProcessThatEndedHasWrittenIsSyncedBeforeItIsRead() throws IOException {
    journal().close();
    seen.clear();

    journal().close();

    assertEquals(List.of("FORCE " + FIRST), seen);
  }

  @Test
  void aRecordIsSyncedBeforeAnybodyIsTold() throws IOException {
    try (SegmentedJournal journal = journal()) {
      append(journal);

      assertEquals(List.of("WRITE " + FIRST, "FORCE " + FIRST, "durable", "said"), seen);
    }
  }

  @Test
  void aNewSegmentsNameIsSyncedBeforeARecordInItCounts() throws IOException {
    try (SegmentedJournal journal = journal()) {
      append(journal);

      append(journal);

      assertEquals(
          List.of(
              "CREATE " + SECOND,
              "FORCE_FOLDER journal",
              "WRITE " + SECOND,
              "FORCE " + SECOND,
              "durable",
              "said"),
          seen);
    }
  }

  @Test
  void snapshotAndTablesAreSyncedBeforeASegmentIsDeleted() throws IOException {
    FaultyTables.watchedBy(
        change -> {
          if (change.equals("force")) {
            seen.add("force of the tables");
          }
        });
    try (DealStore store =
        TestRecords.open(directory, new StoreDisk(watch, FaultyTables.FILES, cause -> {}))) {
      for (int round = 1; round <= 6; round++) {
        TestRecords.work(store, round, new TreeMap<>());
      }
      store.payments(); // nothing is on its way any more
      seen.clear();

      TestRecords.work(store, 7, new TreeMap<>());
    } finally {
      FaultyTables.watchedBy(change -> {});
    }

    int end = seen.indexOf("DELETE " + FIRST);
    int begin = seen.indexOf("CREATE snapshot.cbor.new");
    assertTrue(begin >= 0 && end > begin, "" + seen);
    assertEquals(
        List.of(
            "CREATE snapshot.cbor.new",
            "WRITE snapshot.cbor.new",
            "FORCE snapshot.cbor.new",
            "RENAME snapshot.cbor",
            "FORCE_FOLDER " + directory.getFileName(),
            "FORCE_TABLES deals.mv.db",
            "force of the tables"),
        seen.subList(begin, end).stream().distinct().toList());
  }

  @Test
  void aSnapshotMadeAnewAtAStartIsDurableAndSoAreTheTablesItIsMadeOf() throws IOException {
    try (DealStore store = TestRecords.open(directory)) {
      for (int round = 1; round <= 7; round++) {
        TestRecords.work(store, round, new TreeMap<>());
      }
    }
    Files.write(directory.resolve("snapshot.cbor"), new byte[] {1});
    FaultyTables.watchedBy(
        change -> {
          if (change.equals("force")) {
            seen.add("force of the tables");
          }
        });
    try {
      TestRecords.open(directory, new StoreDisk(watch, FaultyTables.FILES, cause -> {})).close();
    } finally {
      FaultyTables.watchedBy(change -> {});
    }

    int renamed = seen.indexOf("RENAME snapshot.cbor");
    assertTrue(seen.indexOf("FORCE snapshot.cbor.new") < renamed && renamed > 0, "" + seen);
    assertEquals(
        List.of(
            "FORCE_FOLDER " + directory.getFileName(),
            "FORCE_TABLES deals.mv.db",
            "force of the tables"),
        seen.subList(renamed + 1, renamed + 4));
  }

  @Test
  void blocksAreSyncedBeforeSyncReturns() throws IOException {
    try (var blocks = open(1 << 20)) {
      seen.clear();
      blocks.put(StoreWorkload.block(1));
      blocks.sync();
      seen.add("said");

      assertEquals(
          List.of("WRITE 00000001.car", "FORCE 00000001.car", "WRITE 00000001.car", "said"), seen);
    }
  }

  @Test
  void aFileOfBlocksIsSealedAndTheNextBegunDurably() throws IOException {
    try (var blocks = open(1)) {
      seen.clear();

      blocks.put(StoreWorkload.block(1));

      assertEquals(
          List.of(
              "WRITE 00000001.car", // the block and the index
              "FORCE 00000001.car",
              "WRITE 00000001.car", // the mark and the header
              "FORCE 00000001.car",
              "CREATE 00000002.car",
              "WRITE 00000002.car",
              "FORCE 00000002.car",
              "WRITE 00000002.car", // the durable mark
              "FORCE_FOLDER blocks"),
          seen);
      assertTrue(Files.exists(directory.resolve("blocks").resolve("00000002.car")));
    }
  }

  private FileBlockStore open(int fileBytes) throws IOException {
    return FileBlockStore.open(
        directory.resolve("blocks"), new BlockStoreConfig(fileBytes, 1 << 10, 0), watch);
  }
}
