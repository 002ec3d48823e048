package io.sluice.protocol.car;

import io.sluice.protocol.multiformats.Multihash;
import io.sluice.protocol.multiformats.Varint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Collects where blocks are and writes it down sorted. Costs a digest and eight bytes an entry, and
 * eight bytes more while it writes. Not for more than one thread at a time.
 */
public final class CarIndexBuilder {
  private static final int BUFFER = 64 << 10;

  private final Map<HashKind, SortedRun> runs =
      new TreeMap<>(
          Comparator.comparing(HashKind::code, Long::compareUnsigned)
              .thenComparing(HashKind::width));
  private int entries;

  private record HashKind(long code, int width) {}

  /** Knows no block yet. */
  public CarIndexBuilder() {}

  /**
   * Adds a block.
   *
   * @param offset of its section from the start of the payload
   */
  public void add(Multihash hash, long offset) {
    byte[] digest = hash.digest();
    runs.computeIfAbsent(
            new HashKind(hash.code(), digest.length), kind -> new SortedRun(digest.length))
        .add(digest, offset);
    entries++;
  }

  /** How many entries were added. */
  public int size() {
    return entries;
  }

  /** Writes the index with its format code in front. */
  public void write(CarIndexFormat format, WritableByteChannel out) throws IOException {
    CountedOutput sink = new CountedOutput(out);
    ByteBuffer code = ByteBuffer.allocate(Varint.size(format.code()));
    Varint.write(code, format.code());
    sink.put(code.flip());
    switch (format) {
      case SORTED -> writeRuns(byWidth(), sink);
      case MULTIHASH_SORTED -> writeByCode(sink);
    }
    sink.flush();
  }

  private void writeByCode(CountedOutput sink) throws IOException {
    List<Long> codes = runs.keySet().stream().map(HashKind::code).distinct().toList();
    sink.putInt(codes.size());
    for (long code : codes) {
      sink.putLong(code);
      writeRuns(
          runs.entrySet().stream()
              .filter(run -> run.getKey().code() == code)
              .map(Map.Entry::getValue)
              .toList(),
          sink);
    }
  }

  /** Digests of one width together, whatever function made them. */
  private Collection<SortedRun> byWidth() {
    Map<Integer, SortedRun> merged = new TreeMap<>();
    runs.forEach((kind, run) -> merged.computeIfAbsent(kind.width(), SortedRun::new).addAll(run));
    return merged.values();
  }

  private static void writeRuns(Collection<SortedRun> runs, CountedOutput sink) throws IOException {
    sink.putInt(runs.size());
    for (SortedRun run : runs) {
      sink.putInt(run.recordBytes());
      sink.putLong((long) run.size() * run.recordBytes());
      for (ByteBuffer entry : run) {
        sink.put(entry);
      }
    }
  }

  /** Gathers small pieces into few writes. */
  private static final class CountedOutput {
    private final WritableByteChannel out;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);

    CountedOutput(WritableByteChannel out) {
      this.out = out;
    }

    void putInt(int value) throws IOException {
      room(Integer.BYTES);
      buffer.putInt(value);
    }

    void putLong(long value) throws IOException {
      room(Long.BYTES);
      buffer.putLong(value);
    }

    void put(ByteBuffer bytes) throws IOException {
      room(bytes.remaining());
      buffer.put(bytes);
    }

    void flush() throws IOException {
      buffer.flip();
      while (buffer.hasRemaining()) {
        out.write(buffer);
      }
      buffer.clear();
    }

    private void room(int bytes) throws IOException {
      if (buffer.remaining() < bytes) {
        flush();
      }
    }
  }
}
