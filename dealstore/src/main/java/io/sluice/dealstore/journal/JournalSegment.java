package io.sluice.dealstore.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;

/**
 * One file of the journal: frames one after the other, named after its first record.
 *
 * @param first the number of its first record
 * @param path where it is
 */
record JournalSegment(long first, Path path) {
  private static final String SUFFIX = ".journal";

  static JournalSegment in(Path directory, long first) {
    return new JournalSegment(
        first, directory.resolve(String.format(Locale.ROOT, "%020d%s", first, SUFFIX)));
  }

  static Optional<JournalSegment> of(Path path) {
    String name = path.getFileName().toString();
    if (!name.matches("\\d{20}\\" + SUFFIX)) {
      return Optional.empty();
    }
    return Optional.of(new JournalSegment(Long.parseLong(name.substring(0, 20)), path));
  }

  /** What a scan of the frames is told. */
  interface FrameVisitor {
    void frame(Location location, byte[] payload) throws IOException;
  }

  /** Where a scan ended: the number that the next record has, and how many bytes were good. */
  record Scanned(long next, long goodBytes, long fileBytes) {
    boolean whole() {
      return goodBytes == fileBytes;
    }
  }

  /**
   * Reads frames until the first bad one or the end.
   *
   * @throws JournalDamaged if records after the bad one are good and were made durable after it:
   *     then the bad one had been durable too, and something changed it
   */
  Scanned scan(FrameVisitor visitor) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = file.size();
      ByteBuffer bytes = file.map(MapMode.READ_ONLY, 0, size);
      long next = first;
      while (true) {
        int offset = bytes.position();
        Optional<JournalFrame> frame = JournalFrame.read(bytes);
        if (frame.isEmpty() || frame.get().sequence() != next) {
          refuseIfLaterRecordsAreGood(bytes, offset, next);
          return new Scanned(next, offset, size);
        }
        visitor.frame(new Location(next, first, offset), frame.get().bytes());
        next++;
      }
    }
  }

  private void refuseIfLaterRecordsAreGood(ByteBuffer bytes, int bad, long expected)
      throws JournalDamaged {
    for (int offset = bad + 1; offset <= bytes.limit() - JournalFrame.HEADER; offset++) {
      long sequence = bytes.getLong(offset + 4);
      if (sequence <= expected || sequence - expected > bytes.limit()) {
        continue;
      }
      Optional<JournalFrame> later = JournalFrame.read(bytes.duplicate().position(offset));
      if (later.isPresent() && later.get().groupStart() > expected) {
        throw new JournalDamaged(
            "record %d in %s is bad, but record %d after it is good"
                .formatted(expected, path, sequence),
            SegmentedJournal.storeOf(path.toAbsolutePath().resolveSibling("")));
      }
    }
  }

  /** Reads one record. */
  JournalRecord read(long offset, long sequence) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      ByteBuffer header = ByteBuffer.allocate(JournalFrame.HEADER);
      readFully(file, header, offset);
      int length = header.getInt(0);
      if (length < 0 || length > JournalFrame.MAX_PAYLOAD) {
        throw new JournalDamaged("record %d in %s is bad".formatted(sequence, path));
      }
      ByteBuffer whole = ByteBuffer.allocate(JournalFrame.HEADER + length);
      readFully(file, whole, offset);
      JournalFrame frame =
          JournalFrame.read(whole.flip())
              .filter(found -> found.sequence() == sequence)
              .orElseThrow(
                  () -> new JournalDamaged("record %d in %s is bad".formatted(sequence, path)));
      return JournalRecord.of(frame.bytes());
    }
  }

  private void readFully(FileChannel file, ByteBuffer into, long offset) throws IOException {
    while (into.hasRemaining()) {
      if (file.read(into, offset + into.position()) < 0) {
        throw new JournalDamaged("%s ends before %d".formatted(path, offset + into.limit()));
      }
    }
  }
}
