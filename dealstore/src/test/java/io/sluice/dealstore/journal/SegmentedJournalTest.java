package io.sluice.dealstore.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentedJournalTest {
  private static final JournalSettings SMALL = new JournalSettings(256, 1 << 16);

  @TempDir Path directory;

  private static JournalRecord record(int number) {
    return new JournalRecord("test", Node.map().put("Number", number).build());
  }

  private SegmentedJournal open(JournalSettings settings) throws IOException {
    return SegmentedJournal.open(directory, settings, 0, DiskWatch.NONE, cause -> {});
  }

  private SegmentedJournal open() throws IOException {
    return open(JournalSettings.DEFAULT);
  }

  private static List<Long> numbers(SegmentedJournal journal, long after) throws IOException {
    List<Long> numbers = new ArrayList<>();
    journal.replay(after, (location, record) -> numbers.add(record.value().get("Number").asLong()));
    return numbers;
  }

  private Path onlyFile() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.findFirst().orElseThrow();
    }
  }

  private void write(int count) throws IOException {
    try (SegmentedJournal journal = open()) {
      for (int i = 1; i <= count; i++) {
        journal.append(record(i), location -> {});
      }
    }
  }

  @Test
  void givenRecords_whenOpenedAgain_thenTheyAreReadInOrderFromAnyPosition() throws IOException {
    write(5);

    try (SegmentedJournal journal = open()) {
      assertEquals(List.of(1L, 2L, 3L, 4L, 5L), numbers(journal, 0));
      assertEquals(List.of(4L, 5L), numbers(journal, 3));
      assertEquals(List.of(), numbers(journal, 5));
      assertEquals(6, journal.append(record(6), location -> {}).sequence());
    }
  }

  @Test
  void givenSmallSegments_thenRecordsGoOnInTheNextOne() throws IOException {
    List<Location> locations = new ArrayList<>();
    try (SegmentedJournal journal = open(SMALL)) {
      for (int i = 1; i <= 40; i++) {
        locations.add(journal.append(record(i), location -> {}));
      }
      assertTrue(journal.segments().size() > 3, () -> "segments " + journal.segments());
    }

    try (SegmentedJournal journal = open(SMALL)) {
      assertEquals(40, numbers(journal, 0).size());
      for (int i = 1; i <= 40; i++) {
        assertEquals(record(i), journal.read(locations.get(i - 1)));
      }
    }
  }

  /** Whatever a power cut leaves of the last record, all before it is kept, and it can go on. */
  @Test
  void givenAnEndTornAtAnyByte_thenOnlyTheTornRecordIsGone() throws IOException {
    write(3);
    byte[] whole = Files.readAllBytes(onlyFile());
    int lastFrame = whole.length / 3;

    for (int cut = whole.length - lastFrame; cut < whole.length; cut++) {
      Files.write(onlyFile(), java.util.Arrays.copyOf(whole, cut));
      try (SegmentedJournal journal = open()) {
        assertEquals(List.of(1L, 2L), numbers(journal, 0), "cut at " + cut);
        assertEquals(3, journal.append(record(3), location -> {}).sequence());
      }
      Files.write(onlyFile(), whole);
    }
  }

  @Test
  void givenAChangedByteBeforeLaterRecords_thenTheJournalDoesNotOpen() throws IOException {
    write(3);
    byte[] whole = Files.readAllBytes(onlyFile());

    for (int at = 0; at < whole.length / 3; at++) {
      byte[] changed = whole.clone();
      changed[at] ^= 0x10;
      Files.write(onlyFile(), changed);
      assertThrows(JournalDamaged.class, this::open, "byte " + at);
    }
  }

  @Test
  void givenASegmentThatEndsEarlyBeforeAnother_thenReplayRefuses() throws IOException {
    try (SegmentedJournal journal = open(SMALL)) {
      for (int i = 1; i <= 20; i++) {
        journal.append(record(i), location -> {});
      }
    }
    Path first;
    try (Stream<Path> files = Files.list(directory)) {
      first = files.sorted().findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(first);
    Files.write(
        first,
        java.util.Arrays.copyOf(bytes, bytes.length - 1),
        StandardOpenOption.TRUNCATE_EXISTING);

    try (SegmentedJournal journal = open(SMALL)) {
      assertThrows(JournalDamaged.class, () -> numbers(journal, 0));
    }
  }

  @Test
  void givenManyWriters_thenEachRecordIsDurableOnceAndHeardOfInOrder() throws Exception {
    ConcurrentLinkedQueue<Long> heard = new ConcurrentLinkedQueue<>();
    try (SegmentedJournal journal = open()) {
      List<Thread> writers = new ArrayList<>();
      for (int w = 0; w < 16; w++) {
        int base = w * 100;
        writers.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      for (int i = 0; i < 100; i++) {
                        try {
                          journal.append(
                              record(base + i), location -> heard.add(location.sequence()));
                        } catch (IOException e) {
                          throw new IllegalStateException(e);
                        }
                      }
                    }));
      }
      for (Thread writer : writers) {
        writer.join();
      }
    }

    try (SegmentedJournal journal = open()) {
      List<Long> numbers = numbers(journal, 0);
      assertEquals(1600, numbers.size());
      assertEquals(1600, numbers.stream().distinct().count());
    }
    assertEquals(
        java.util.stream.LongStream.rangeClosed(1, 1600).boxed().toList(), List.copyOf(heard));
  }

  @Test
  void givenAClosedJournal_thenAppendingFails() throws IOException {
    SegmentedJournal journal = open();
    journal.close();

    IOException refused =
        assertThrows(IOException.class, () -> journal.append(record(1), location -> {}));
    assertTrue(String.valueOf(refused.getMessage()).contains("failed before"), refused.toString());
  }

  // ---- what is known to have been there

  private SegmentedJournal open(long known) throws IOException {
    return SegmentedJournal.open(
        directory, JournalSettings.DEFAULT, known, DiskWatch.NONE, cause -> {});
  }

  @Test
  void givenAJournalThatEndsBeforeWhatIsKnown_thenItIsRefusedAndLeftAsItIs() throws IOException {
    assertThrows(JournalDamaged.class, () -> open(1));
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(0, files.count(), "no journal is begun in its place");
    }
    write(3);

    open(3).close();
    SegmentedJournal.openToRead(directory, 3).close();
    assertThrows(JournalDamaged.class, () -> open(4));
    assertThrows(JournalDamaged.class, () -> SegmentedJournal.openToRead(directory, 4));
  }

  @Test
  void givenATornEnd_thenItIsCutOffTheFile() throws IOException {
    write(2);
    byte[] whole = Files.readAllBytes(onlyFile());
    Files.write(onlyFile(), java.util.Arrays.copyOf(whole, whole.length + 5));

    open().close();

    assertEquals(whole.length, Files.size(onlyFile()));
  }

  @Test
  void givenOneThatIsOnlyRead_thenNothingIsChangedAndAppendsSayThatTheDiskIsFull()
      throws IOException {
    assertThrows(JournalDamaged.class, () -> SegmentedJournal.openToRead(directory, 0));
    write(2);
    byte[] whole = Files.readAllBytes(onlyFile());
    Files.write(onlyFile(), java.util.Arrays.copyOf(whole, whole.length + 5));

    try (SegmentedJournal journal = SegmentedJournal.openToRead(directory, 2)) {
      assertEquals(List.of(1L, 2L), numbers(journal, 0));
      assertThrows(StorageFullException.class, () -> journal.append(record(3), location -> {}));
    }

    assertEquals(whole.length + 5, Files.size(onlyFile()));
  }

  @Test
  void givenDeletedSegments_thenReplayGoesFromTheFirstThatIsThere() throws IOException {
    try (SegmentedJournal journal = open(SMALL)) {
      for (int i = 1; i <= 20; i++) {
        journal.append(record(i), location -> {});
      }
      long second = journal.segments().get(1);
      long last = journal.segments().getLast();
      journal.delete(1);

      assertThrows(IllegalArgumentException.class, () -> journal.delete(last));
      assertThrows(JournalDamaged.class, () -> numbers(journal, second - 2));
      assertEquals(20 - (second - 1), numbers(journal, second - 1).size());
      assertThrows(IOException.class, () -> journal.read(new Location(1, 1, 0)));
    }
  }

  // ---- a disk that fails

  private SegmentedJournal failing(String message) throws IOException {
    return SegmentedJournal.open(
        directory,
        JournalSettings.DEFAULT,
        0,
        (path, change) -> {
          if (change == DiskWatch.Change.WRITE) {
            throw new IOException(message);
          }
        },
        cause -> {});
  }

  @Test
  void givenAFullDisk_thenItIsSaidAsSuchAndOtherFailuresAreNot() throws IOException {
    try (SegmentedJournal journal = failing("No space left on device")) {
      for (int i = 1; i <= 2; i++) {
        assertThrows(StorageFullException.class, () -> journal.append(record(1), at -> {}));
      }
    }
    try (SegmentedJournal journal = failing("Input/output error")) {
      for (int i = 1; i <= 2; i++) {
        assertEquals(
            IOException.class,
            assertThrows(IOException.class, () -> journal.append(record(1), at -> {})).getClass());
      }
    }
  }

  // ---- groups

  /** A journal whose writer is held while others queue up behind the first record. */
  private final class HeldWriter implements AutoCloseable {
    final List<String> seen = new CopyOnWriteArrayList<>();
    final SegmentedJournal journal;
    volatile boolean fails;
    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();
    private final Queue<Location> written = new ConcurrentLinkedQueue<>();

    HeldWriter(int groupBytes, int segmentBytes) throws Exception {
      journal =
          SegmentedJournal.open(
              directory,
              new JournalSettings(segmentBytes, groupBytes),
              0,
              (path, change) -> {
                if (fails) {
                  throw new IOException("Input/output error");
                }
                seen.add(change.name());
              },
              cause -> {});
      append(
          1,
          at -> {
            held.countDown();
            await(go);
          });
      held.await();
      seen.clear();
    }

    private static void await(CountDownLatch latch) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    private void append(int number, SegmentedJournal.Durable durable) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      written.add(journal.append(record(number), durable));
                    } catch (IOException e) {
                      seen.add("" + e.getMessage());
                    }
                  }));
    }

    /** Returns once the record waits behind those before it. */
    void waits(int number) {
      append(number, at -> {});
      while (threads.getLast().getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
    }

    void release() throws InterruptedException {
      go.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
    }

    @Override
    public void close() throws IOException {
      go.countDown();
      journal.close();
    }
  }

  @Test
  void givenRecordsThatWait_thenOneWriteAndOneSyncForAll() throws Exception {
    try (HeldWriter writer = new HeldWriter(1 << 16, 1 << 16)) {
      for (int i = 2; i <= 4; i++) {
        writer.waits(i);
      }
      writer.release();

      assertEquals(List.of("WRITE", "FORCE"), writer.seen);
      long bytes = Files.size(onlyFile());
      assertEquals(new JournalTotals(4, 2, bytes), writer.journal.totals());
      assertEquals(List.of(1L, 2L, 3L, 4L), numbers(writer.journal, 0));
      for (Location at : writer.written) {
        assertEquals(record((int) at.sequence()), writer.journal.read(at), "where it was said");
      }
      assertEquals(4, writer.written.size());
    }
  }

  @Test
  void givenMoreThanAGroupTakes_thenSeveral() throws Exception {
    int frame = JournalFrame.HEADER + record(2).payload().length;
    try (HeldWriter writer = new HeldWriter(frame + 1, 1 << 16)) {
      for (int i = 2; i <= 5; i++) {
        writer.waits(i);
      }
      writer.release();

      assertEquals(List.of("WRITE", "FORCE", "WRITE", "FORCE"), writer.seen, "two by two");
    }
  }

  /** Those whose turn had not come, too: nobody would tell them later. */
  @Test
  void givenADiskThatFails_thenAllWhoWaitAreTold() throws Exception {
    try (HeldWriter writer = new HeldWriter(1, 1 << 16)) {
      for (int i = 2; i <= 4; i++) {
        writer.waits(i);
      }
      writer.fails = true;
      writer.release();

      assertEquals(
          java.util.Collections.nCopies(3, "the journal could not be written: Input/output error"),
          writer.seen);
    }
  }

  /** What was appended before the end is written before the end. */
  @Test
  void givenRecordsThatWait_whenClosed_thenTheyAreWrittenFirst() throws Exception {
    HeldWriter writer = new HeldWriter(1 << 16, 1 << 16);
    writer.waits(2);
    Thread closing =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    writer.journal.close();
                  } catch (IOException e) {
                    writer.seen.add("" + e.getMessage());
                  }
                });
    while (closing.getState() != Thread.State.WAITING
        && closing.getState() != Thread.State.TERMINATED) {
      Thread.onSpinWait();
    }
    writer.release();
    closing.join();

    assertEquals(List.of("WRITE", "FORCE"), writer.seen);
    try (SegmentedJournal journal = open()) {
      assertEquals(List.of(1L, 2L), numbers(journal, 0));
    }
  }

  @Test
  void givenAnInterruptWhileItWaits_thenItCountsAsFailedAndTheInterruptStays() throws Exception {
    try (HeldWriter writer = new HeldWriter(1 << 16, 1 << 16)) {
      Thread.currentThread().interrupt();
      assertThrows(IOException.class, () -> writer.journal.append(record(2), at -> {}));
      assertTrue(Thread.interrupted());
      writer.release();

      assertEquals(3, writer.journal.append(record(3), at -> {}).sequence(), "others go on");
    }
  }

  /** A segment is full once it has come to its size, not before. */
  @Test
  void givenASegmentOfExactlyItsSize_thenTheNextIsBegun() throws IOException {
    int frame = JournalFrame.HEADER + record(2).payload().length;
    try (SegmentedJournal journal = open(new JournalSettings(2 * frame, 1 << 16))) {
      for (int i = 1; i <= 5; i++) {
        journal.append(record(i), location -> {});
      }
      assertEquals(List.of(1L, 3L, 5L), journal.segments());
    }
  }

  @Test
  void givenARecordTooLarge_thenItIsRefusedAndTheLargestIsNot() throws IOException {
    int most = 16 << 20;
    int around = new JournalRecord("test", Node.of(new byte[1 << 20])).payload().length - (1 << 20);
    try (SegmentedJournal journal = open()) {
      assertThrows(
          IllegalArgumentException.class,
          () -> journal.append(bytes(most - around + 1), location -> {}));
      Location largest = journal.append(bytes(most - around), location -> {});
      assertEquals(1, largest.sequence());
      assertEquals(bytes(most - around), journal.read(largest));
    }
  }

  private static JournalRecord bytes(int count) {
    return new JournalRecord("test", Node.of(new byte[count]));
  }

  @Test
  void settings_arePositive() {
    assertEquals(1, new JournalSettings(1, 1).groupBytes());
    assertThrows(IllegalArgumentException.class, () -> new JournalSettings(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new JournalSettings(1, 0));
  }
}
