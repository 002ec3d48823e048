package io.sluice.dealstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.journal.JournalDamaged;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of a store that are lost, cut or changed: the books are as they were, or it says so. */
class StoreDamageTest {
  private static final int ROUNDS = 9;

  @TempDir Path temporary;
  private Path home;
  private final Map<String, String> done = new TreeMap<>();

  @BeforeEach
  void fill() throws IOException {
    home = temporary.resolve("home");
    int pruned = 0;
    try (DealStore store = TestRecords.open(home)) {
      for (int round = 1; round <= ROUNDS; round++) {
        pruned += TestRecords.work(store, round, done);
      }
    }
    assertTrue(pruned > 0, "something is only in snapshot and tables");
  }

  static List<String> listing(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file) + " " + look(file))
          .sorted()
          .toList();
    }
  }

  private static String look(Path file) {
    try {
      var attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.size() + " bytes, " + attributes.lastModifiedTime();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(home.resolve("journal"))) {
      return files.sorted().toList();
    }
  }

  private Path copyOfHome(String name) throws IOException {
    Path copy = temporary.resolve(name);
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(home.relativize(file)));
      }
    }
    return copy;
  }

  private void assertBooks(Path folder, String what) throws IOException {
    try (DealStore store = TestRecords.open(folder)) {
      assertEquals(done, TestRecords.books(store), what);
    }
  }

  /** Of tables that H2 cannot open, the last states of deals that ended long ago are lost. */
  private void assertMoney(Path folder, String what) throws IOException {
    try (DealStore store = TestRecords.open(folder)) {
      Map<String, String> books = TestRecords.books(store);
      for (int round = 1; round <= ROUNDS; round++) {
        if (!TestRecords.isLive(round)) {
          books.put("c-" + round, done.get("c-" + round));
        }
      }
      assertEquals(done, books, what);
    }
  }

  // ---- the journal is lost

  @Test
  void givenJournalGone_whenOpened_thenRefusedAndNothingIsWritten() throws IOException {
    for (Path segment : segments()) {
      Files.delete(segment);
    }
    List<String> journal = listing(home.resolve("journal"));

    for (int start = 1; start <= 2; start++) {
      JournalDamaged refused =
          assertThrows(JournalDamaged.class, () -> TestRecords.open(home), "start " + start);

      assertTrue(refused.getMessage().contains("put the whole folder"), refused.getMessage());
    }
    assertEquals(journal, listing(home.resolve("journal")));
    assertThrows(JournalDamaged.class, () -> DealStore.openToRead(home, TestRecords.TABLES));
  }

  @ParameterizedTest
  @ValueSource(strings = {"emptied", "halved", "lost"})
  void givenLastSegmentCut_whenOpened_thenRefused(String how) throws IOException {
    Path last = segments().getLast();
    switch (how) {
      case "emptied" -> Files.write(last, new byte[0]);
      case "halved" -> {
        byte[] bytes = Files.readAllBytes(last);
        Files.write(last, Arrays.copyOf(bytes, bytes.length / 2));
      }
      default -> Files.delete(last);
    }

    assertThrows(JournalDamaged.class, () -> TestRecords.open(home));
  }

  @Test
  void givenJournalAndTablesGone_whenOpened_thenTheSnapshotTellsThatSomethingWas()
      throws IOException {
    for (Path segment : segments()) {
      Files.delete(segment);
    }
    Files.delete(home.resolve("deals.mv.db"));

    assertThrows(JournalDamaged.class, () -> TestRecords.open(home));
  }

  /** Nothing tells how far such a home had come, but that it had. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void givenJournalLostAndTablesUnreadable_whenOpened_thenRefusedAtEachStart(boolean emptied)
      throws IOException {
    for (Path segment : segments()) {
      Files.delete(segment);
    }
    if (emptied) {
      Files.write(home.resolve("journal").resolve("00000000000000000001.journal"), new byte[0]);
    }
    Files.deleteIfExists(home.resolve("snapshot.cbor"));
    byte[] tables = Files.readAllBytes(home.resolve("deals.mv.db"));
    new Random(1).nextBytes(tables);
    Files.write(home.resolve("deals.mv.db"), tables);

    for (int start = 1; start <= 2; start++) {
      assertThrows(JournalDamaged.class, () -> TestRecords.open(home), "start " + start);
    }
    assertArrayEquals(tables, Files.readAllBytes(home.resolve("deals.mv.db")));
  }

  // ---- the tables are changed

  private void sql(Path folder, String statement) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:h2:file:" + folder.resolve("deals").toAbsolutePath());
        Statement change = connection.createStatement()) {
      assertTrue(change.executeUpdate(statement) > 0, statement);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE payment SET position = position + 1000 WHERE deal = 'c-9'",
        "UPDATE payment SET kind = 'deal-left' WHERE deal = 'c-9'",
        "UPDATE payment SET record = X'a0' WHERE deal = 'c-9'",
        "UPDATE machine SET state = 'NEW' WHERE id = 'c-8'",
        "UPDATE machine SET data = X'01' WHERE id = 'c-9'",
        "UPDATE machine SET ended = FALSE WHERE id = 'c-8'",
        "UPDATE document SET document = X'01' WHERE name = '*'",
        "UPDATE document SET name = '+' WHERE name = '*'",
        "UPDATE meta SET position = position - 1",
        "UPDATE meta SET position = position + 1",
      })
  void givenChangedRow_whenOpened_thenTheTablesAreMadeAnew(String change) throws Exception {
    sql(home, change);

    assertBooks(home, change);
    assertTrue(Files.exists(home.resolve("deals.mv.db.bad")));
    assertBooks(home, "again");
  }

  @Test
  void givenChangedPlaceOfAnEntry_whenItsHistoryIsRead_thenTheNextStartMakesTheTablesAnew()
      throws Exception {
    sql(home, "UPDATE history SET place = place + 1 WHERE machine = 'c-9'");
    try (DealStore store = TestRecords.open(home)) {
      assertThrows(IOException.class, () -> store.history(TestRecords.deal(9, false).machine()));
    }

    try (DealStore store = TestRecords.open(home)) {
      assertEquals(1, store.history(TestRecords.deal(9, false).machine()).size());
      assertEquals(done, TestRecords.books(store));
    }
  }

  // ---- one bit, one byte

  /** The files of a store, by what they are. */
  private List<Path> kinds() throws IOException {
    List<Path> segments = segments();
    assertTrue(segments.size() > 1, "segments: " + segments);
    return List.of(
        home.resolve("snapshot.cbor"),
        segments.getFirst(),
        segments.getLast(),
        home.resolve("deals.mv.db"));
  }

  @Tag("loop")
  @Test
  void givenOneBitFlippedInEachKindOfFile_thenTheBooksAreAsTheyWereOrItIsRefused()
      throws IOException {
    Random random = new Random(7);
    int refused = 0;
    int number = 0;
    for (Path kind : kinds()) {
      int flips = kind.endsWith("deals.mv.db") ? 30 : 15;
      for (int i = 0; i < flips; i++) {
        Path copy = copyOfHome("flip" + number++);
        Path file = copy.resolve(home.relativize(kind));
        byte[] bytes = Files.readAllBytes(file);
        int at = random.nextInt(bytes.length);
        int bit = random.nextInt(8);
        bytes[at] ^= (byte) (1 << bit);
        Files.write(file, bytes);
        try {
          String what = "bit %d of byte %d of %s".formatted(bit, at, file);
          if (kind.endsWith("deals.mv.db")) {
            assertMoney(copy, what);
          } else {
            assertBooks(copy, what);
          }
        } catch (JournalDamaged e) {
          assertFalse(kind.endsWith("deals.mv.db"), "tables can be made anew: " + e);
          assertFalse(kind.endsWith("snapshot.cbor"), "the tables are there: " + e);
          refused++;
        }
      }
    }
    assertTrue(refused > 0);
  }

  @Tag("loop")
  @Test
  void givenOneByteCutOffTheEndOfEachKindOfFile_thenTheBooksAreAsTheyWereOrItIsRefused()
      throws IOException {
    for (Path kind : kinds()) {
      Path copy = copyOfHome("cut" + kind.getFileName());
      Path file = copy.resolve(home.relativize(kind));
      byte[] bytes = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
      boolean last = kind.equals(segments().getLast());
      if (last) {
        assertThrows(JournalDamaged.class, () -> TestRecords.open(copy));
      } else if (kind.endsWith("deals.mv.db")) {
        assertMoney(copy, "cut " + kind);
      } else {
        assertBooks(copy, "cut " + kind);
      }
    }
  }

  @Test
  void givenDamagedSnapshotThatIsNeeded_whenOpened_thenRefused() throws IOException {
    Files.delete(home.resolve("deals.mv.db"));
    byte[] bytes = Files.readAllBytes(home.resolve("snapshot.cbor"));
    bytes[bytes.length / 2] ^= 1;
    Files.write(home.resolve("snapshot.cbor"), bytes);

    assertThrows(JournalDamaged.class, () -> TestRecords.open(home));
  }

  // ---- names of folders

  @Test
  void givenFolderWithOddName_thenItIsUsedOrRefusedBeforeAnythingIsWritten() throws IOException {
    int refused = 0;
    for (char c : " !\"#$%&'()*+,-.:;<=>?@[\\]^_`{|}~é".toCharArray()) {
      Path folder = temporary.resolve("odd").resolve("a" + c + "b").resolve("store");
      try {
        DealStore.requireUsable(folder);
      } catch (IOException e) {
        refused++;
        assertThrows(IOException.class, () -> TestRecords.open(folder));
        assertFalse(Files.exists(folder.getParent()), "" + c);
        continue;
      }
      Map<String, String> written = new TreeMap<>();
      try (DealStore store = TestRecords.open(folder)) {
        TestRecords.work(store, 1, written);
      }
      assertTrue(Files.exists(folder.resolve("deals.mv.db")), "a" + c + "b");
    }
    assertEquals(2, refused);
    try (Stream<Path> files = Files.walk(temporary.resolve("odd"))) {
      assertTrue(
          files.filter(Files::isRegularFile).allMatch(file -> file.toString().contains("/store/")));
    }
  }
}
