package io.sluice.dealstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.dealstore.disk.StorageFullException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The disk fails at the n-th change of a store's files, for n = 1 to the end. Whatever was said to
 * be durable is there after the next start, and nothing that was never begun.
 */
@Timeout(120)
@ResourceLock("FaultyTables")
class StoreFaultsTest {
  private static final int ROUNDS = 9;

  /** Every fault at every change; otherwise each change has one of them. */
  private static final boolean ALL = Boolean.getBoolean("faults.all");

  @TempDir Path directory;

  /** How a disk fails. */
  enum Fault {
    ERROR,
    FULL,
    SHORT_WRITE;

    IOException failure() {
      return new IOException(this == ERROR ? "Input/output error" : "No space left on device");
    }
  }

  /** Fails at the n-th change and from then on. */
  private static final class FailingDisk implements DiskWatch {
    private final Fault fault;
    private final int at;
    private int count;

    FailingDisk(Fault fault, int at) {
      this.fault = fault;
      this.at = at;
    }

    @Override
    public void before(Path path, Change change) throws IOException {
      next();
    }

    @Override
    public synchronized int takes(Path path, int bytes) throws IOException {
      if (fault == Fault.SHORT_WRITE && count + 1 == at && bytes > 1) {
        count++;
        return bytes / 2; // and nothing more
      }
      next();
      return bytes;
    }

    private synchronized void next() throws IOException {
      count++;
      if (count >= at) {
        throw fault.failure();
      }
    }
  }

  /** What was said to be durable before the disk failed. */
  private Map<String, String> work(Path folder, StoreDisk disk, List<IOException> failures) {
    Map<String, String> done = new TreeMap<>();
    try (DealStore store = TestRecords.open(folder, disk)) {
      for (int round = 1; round <= ROUNDS; round++) {
        TestRecords.work(store, round, done);
      }
    } catch (IOException e) {
      failures.add(e);
    }
    return done;
  }

  private static void assertBooks(Map<String, String> done, Path folder, String what)
      throws IOException {
    for (int start = 1; start <= (ALL ? 2 : 1); start++) {
      try (DealStore store = TestRecords.open(folder)) {
        Map<String, String> books = TestRecords.books(store);
        Map<String, String> more = new TreeMap<>(books);
        more.keySet().removeAll(done.keySet());
        assertTrue(more.size() <= 1, what + " holds what was not said: " + more);
        books.keySet().retainAll(done.keySet());
        if (!books.equals(done)) {
          books.replace("price", done.getOrDefault("price", "")); // the next may be there already
          assertEquals(done, books, what + ", start " + start);
        }
        store.next("c");
      }
    }
  }

  @Tag("loop")
  @ParameterizedTest
  @EnumSource(Fault.class)
  void givenFilesThatFailAtTheNthChange_thenTheBooksAreExact(Fault fault) throws IOException {
    FailingDisk none = new FailingDisk(fault, Integer.MAX_VALUE);
    List<IOException> failures = new ArrayList<>();
    Map<String, String> all =
        work(directory.resolve("whole"), new StoreDisk(none, "file:", cause -> {}), failures);
    assertEquals(List.of(), failures);
    assertEquals(2 * ROUNDS + 1, all.size());
    assertTrue(none.count > 60, none.count + " changes");

    for (int at = 1; at <= none.count; at++) {
      if (!ALL && at % Fault.values().length != List.of(Fault.values()).indexOf(fault)) {
        continue;
      }
      Path folder = directory.resolve("at" + at);
      StoreDisk disk =
          new StoreDisk(
              new FailingDisk(fault, at),
              "file:",
              cause -> {
                throw new AssertionError("a failing disk ends no process", cause);
              });
      List<IOException> failed = new ArrayList<>();

      Map<String, String> done = work(folder, disk, failed);

      if (fault == Fault.ERROR) {
        failed.forEach(e -> assertEquals(false, StorageFullException.isFull(e), "" + e));
      } else {
        failed.forEach(e -> assertTrue(e instanceof StorageFullException, "" + e));
      }
      assertBooks(done, folder, fault + " at " + at);
    }
  }

  @Tag("loop")
  @Test
  void givenTablesThatFailAtTheNthWrite_thenTheBooksAreExact() throws IOException {
    int[] count = {0};
    FaultyTables.watchedBy(change -> count[0]++);
    List<IOException> failures = new ArrayList<>();
    work(
        directory.resolve("whole"),
        new StoreDisk(DiskWatch.NONE, FaultyTables.FILES, cause -> {}),
        failures);
    assertEquals(List.of(), failures);
    assertTrue(count[0] > 10, count[0] + " changes");

    for (int at = 1; at <= count[0]; at += ALL ? 1 : 1 + at / 4) {
      for (Fault fault : List.of(Fault.ERROR, Fault.FULL)) {
        int last = at;
        int[] now = {0};
        FaultyTables.watchedBy(
            change -> {
              if (++now[0] >= last) {
                throw fault.failure();
              }
            });
        Path folder = directory.resolve(fault + "" + at);
        List<IOException> failed = new ArrayList<>();

        Map<String, String> done =
            work(folder, new StoreDisk(DiskWatch.NONE, FaultyTables.FILES, cause -> {}), failed);

        FaultyTables.watchedBy(change -> {});
        assertBooks(done, folder, "tables at " + at);
      }
    }
  }

  @Test
  void givenTablesThatFail_thenNothingMoreIsDecided() throws Exception {
    boolean[] broken = {false};
    FaultyTables.watchedBy(
        change -> {
          if (broken[0]) {
            throw Fault.ERROR.failure();
          }
        });
    DealStore store =
        TestRecords.open(directory, new StoreDisk(DiskWatch.NONE, FaultyTables.FILES, cause -> {}));
    try {
      TestRecords.work(store, 1, new TreeMap<>());
      store.payments();
      broken[0] = true;
      store.append(TestRecords.voucher("c-1", 0, 500));
      assertThrows(IOException.class, store::payments);

      assertThrows(IOException.class, () -> store.append(TestRecords.voucher("c-1", 0, 501)));
      assertThrows(IOException.class, () -> TestRecords.work(store, 2, new TreeMap<>()));
      assertThrows(IOException.class, () -> store.next("c"));
    } finally {
      assertThrows(IOException.class, store::close);
      FaultyTables.watchedBy(change -> {});
    }
    try (DealStore again = TestRecords.open(directory)) {
      assertEquals("500", TestRecords.books(again).get("paid c-1"));
    }
  }

  @Test
  void givenFullDisk_whenOpenedToRead_thenItTellsAllAndTakesNothing() throws IOException {
    Map<String, String> done = new TreeMap<>();
    try (DealStore store = TestRecords.open(directory)) {
      for (int round = 1; round <= ROUNDS; round++) {
        TestRecords.work(store, round, done);
      }
    }
    List<String> before = StoreDamageTest.listing(directory);

    try (DealStore store = DealStore.openToRead(directory, TestRecords.TABLES)) {
      assertEquals(done, TestRecords.books(store));
      assertThrows(StorageFullException.class, () -> store.next("c"));
      assertThrows(
          StorageFullException.class, () -> store.append(TestRecords.voucher("c-1", 0, 900)));
      assertEquals(done, TestRecords.books(store));
    }

    assertEquals(before, StoreDamageTest.listing(directory));
    try (DealStore store = TestRecords.open(directory)) {
      assertEquals(done, TestRecords.books(store));
    }
  }
}
