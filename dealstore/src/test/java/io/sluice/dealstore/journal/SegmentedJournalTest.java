package io.sluice.dealstore.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.protocol.ipld.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
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

    assertThrows(IOException.class, () -> journal.append(record(1), location -> {}));
  }
}
