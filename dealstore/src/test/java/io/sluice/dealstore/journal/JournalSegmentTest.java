package io.sluice.dealstore.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ipld.Node;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was torn, which nobody was told of, is told apart from what was damaged. */
class JournalSegmentTest {
  /** Large, as of a journal that has run for years. */
  private static final long FIRST = 1_000_000_000_000L;

  @TempDir Path directory;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final List<Integer> starts = new ArrayList<>();

  /** Appends a group of records that one sync made durable. */
  private void group(int records) throws IOException {
    for (int back = 0; back < records; back++) {
      put(back, new JournalRecord("test", Node.of(starts.size())).payload());
    }
  }

  private void put(int back, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(JournalFrame.HEADER + payload.length);
    JournalFrame.write(frame, FIRST + starts.size(), back, ByteBuffer.wrap(payload));
    starts.add(bytes.size());
    bytes.write(frame.array());
  }

  private JournalSegment segment(byte[] content) throws IOException {
    JournalSegment segment = JournalSegment.in(directory, FIRST);
    Files.write(segment.path(), content);
    return segment;
  }

  private byte[] withDamaged(int record) {
    byte[] content = bytes.toByteArray();
    content[starts.get(record) + JournalFrame.HEADER] ^= 1;
    return content;
  }

  private static JournalSegment.Scanned scan(JournalSegment segment) throws IOException {
    return segment.scan((location, payload) -> {});
  }

  @Test
  void names() {
    Path path = JournalSegment.in(directory, FIRST).path();

    assertEquals("00000001000000000000.journal", path.getFileName().toString());
    assertEquals(Optional.of(FIRST), JournalSegment.of(path).map(JournalSegment::first));
    assertEquals(Optional.empty(), JournalSegment.of(directory.resolve("1.journal")));
    assertEquals(
        Optional.empty(), JournalSegment.of(directory.resolve("00000001000000000000.journal.new")));
  }

  @Test
  void givenAWholeSegment_thenAllOfItIsGood() throws IOException {
    group(1);
    group(2);
    List<Location> seen = new ArrayList<>();

    JournalSegment.Scanned scanned =
        segment(bytes.toByteArray()).scan((location, payload) -> seen.add(location));

    assertTrue(scanned.whole());
    assertEquals(new JournalSegment.Scanned(FIRST + 3, bytes.size(), bytes.size()), scanned);
    assertEquals(
        List.of(
            new Location(FIRST, FIRST, 0),
            new Location(FIRST + 1, FIRST, starts.get(1)),
            new Location(FIRST + 2, FIRST, starts.get(2))),
        seen);
  }

  /** A power cut may leave any part of the last group. */
  @Test
  void givenAGroupWithABadRecord_thenItIsTornThere() throws IOException {
    group(1);
    group(3);
    for (int bad = 1; bad <= 3; bad++) {
      JournalSegment.Scanned scanned = scan(segment(withDamaged(bad)));

      assertFalse(scanned.whole());
      assertEquals(new JournalSegment.Scanned(FIRST + bad, starts.get(bad), bytes.size()), scanned);
    }
  }

  @Test
  void givenABadRecordBeforeALaterGroup_thenItIsDamage() throws IOException {
    group(2);
    group(1);
    for (int bad = 0; bad <= 1; bad++) {
      JournalSegment segment = segment(withDamaged(bad));
      assertThrows(JournalDamaged.class, () -> scan(segment), "record " + bad);
    }
  }

  @Test
  void givenALaterGroupOfOneEmptyRecordAtTheVeryEnd_thenItIsSeen() throws IOException {
    group(2);
    put(0, new byte[0]);

    JournalSegment segment = segment(withDamaged(0));

    assertThrows(JournalDamaged.class, () -> scan(segment));
  }

  @Test
  void givenAGoodRecordRightBehindOneBadByte_thenItIsSeen() throws IOException {
    group(1);
    group(1);
    group(1);
    byte[] whole = bytes.toByteArray();
    int third = starts.get(2);
    byte[] gap = new byte[starts.get(1) + 1 + whole.length - third];
    System.arraycopy(whole, 0, gap, 0, starts.get(1));
    System.arraycopy(whole, third, gap, starts.get(1) + 1, whole.length - third);
    JournalSegment segment = segment(gap);

    assertThrows(JournalDamaged.class, () -> scan(segment));
  }

  @Test
  void givenALocation_thenItsRecordIsReadOrRefused() throws IOException {
    group(2);
    JournalSegment segment = segment(bytes.toByteArray());
    int second = starts.get(1);

    assertEquals(new JournalRecord("test", Node.of(0)), segment.read(0, FIRST));
    assertEquals(new JournalRecord("test", Node.of(1)), segment.read(second, FIRST + 1));
    assertThrows(JournalDamaged.class, () -> segment.read(second, FIRST));
    assertThrows(JournalDamaged.class, () -> segment.read(1, FIRST));
    assertThrows(JournalDamaged.class, () -> segment.read(bytes.size(), FIRST + 2));
    JournalDamaged cut =
        assertThrows(JournalDamaged.class, () -> segment.read(bytes.size() - 19, FIRST + 1));
    assertTrue(
        String.valueOf(cut.getMessage()).endsWith("ends before " + (bytes.size() + 1)),
        cut.toString());
  }

  @Test
  void givenALengthThatNobodyWrites_thenNothingIsAllocatedForIt() throws IOException {
    for (int length : List.of(-1, (16 << 20) + 1, Integer.MAX_VALUE)) {
      byte[] header = ByteBuffer.allocate(20).putInt(length).array();
      JournalSegment segment = segment(header);

      JournalDamaged refused =
          assertThrows(JournalDamaged.class, () -> segment.read(0, FIRST), "" + length);
      assertTrue(String.valueOf(refused.getMessage()).endsWith("is bad"), refused.toString());
    }
  }
}
