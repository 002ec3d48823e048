package io.sluice.protocol.car;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Multihash;
import io.sluice.protocol.multiformats.Varint;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * A written index, looked up where it lies: of each stretch of entries only the first digest bytes
 * are kept in memory (one bit an entry and less), so that a look-up is one small read. An index is
 * a hint: compare what stands at the offset, and build it anew where they differ. Safe for any
 * number of threads.
 */
public final class CarIndex {
  /** Entries between two fences; they are read together. */
  private static final int STRIDE = 64;

  private final ByteSource source;
  private final List<DigestTable> buckets;

  /** Takes the entries of an index in its order. */
  @FunctionalInterface
  public interface EntryVisitor {
    /**
     * One entry.
     *
     * @param digest the visitor's only until it returns
     * @param offset of the section from the start of the payload
     */
    void entry(byte[] digest, long offset) throws IOException;
  }

  /** Entries of one width; code -1 stands for any hash function. */
  private record DigestTable(long code, int width, long start, long count, LongBuffer fences) {
    int recordBytes() {
      return width + Long.BYTES;
    }
  }

  private CarIndex(ByteSource source, List<DigestTable> buckets) {
    this.source = source;
    this.buckets = List.copyOf(buckets);
  }

  /** Reads an index through once. */
  public static CarIndex open(ByteSource source, long position) throws IOException {
    return open(source, position, (digest, offset) -> {});
  }

  /**
   * Reads an index through once, checking its shape and order.
   *
   * @param position where in the source its format code stands
   * @param visitor is shown every entry
   * @throws ProtocolException {@code BAD_CAR}
   */
  public static CarIndex open(ByteSource source, long position, EntryVisitor visitor)
      throws IOException {
    try {
      return new CarIndex(source, new IndexScan(source, position, visitor).index());
    } catch (EOFException e) {
      throw BadCar.because("index cut off: " + e.getMessage());
    }
  }

  /** How many entries there are. */
  public long size() {
    return buckets.stream().mapToLong(DigestTable::count).sum();
  }

  /** Where the section of a block begins, counted from the start of the payload. */
  public OptionalLong find(Multihash hash) throws IOException {
    byte[] digest = hash.digest();
    for (DigestTable bucket : buckets) {
      if (bucket.width() == digest.length
          && (bucket.code() == hash.code() || bucket.code() == -1)) {
        OptionalLong found = find(bucket, digest);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return OptionalLong.empty();
  }

  private OptionalLong find(DigestTable bucket, byte[] digest) throws IOException {
    long head = head(digest);
    int stretch = lowerBound(bucket.fences(), head);
    // Stretches before the first fence at or above the head may end with it; those behind may
    // begin.
    for (int i = Math.max(0, stretch - 1); i < bucket.fences().limit(); i++) {
      if (i >= stretch && bucket.fences().get(i) != head) {
        break;
      }
      OptionalLong found = findIn(bucket, i, digest);
      if (found.isPresent()) {
        return found;
      }
    }
    return OptionalLong.empty();
  }

  private OptionalLong findIn(DigestTable bucket, int stretch, byte[] digest) throws IOException {
    long first = (long) stretch * STRIDE;
    int count = (int) Math.min(STRIDE, bucket.count() - first);
    ByteBuffer records =
        ByteBuffer.allocate(count * bucket.recordBytes()).order(ByteOrder.LITTLE_ENDIAN);
    source.readFully(records, bucket.start() + first * bucket.recordBytes());
    byte[] bytes = records.array();
    int low = 0;
    int high = count - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int at = middle * bucket.recordBytes();
      int order = Arrays.compareUnsigned(bytes, at, at + digest.length, digest, 0, digest.length);
      if (order == 0) {
        return OptionalLong.of(records.getLong(at + digest.length));
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return OptionalLong.empty();
  }

  private static int lowerBound(LongBuffer fences, long head) {
    int low = 0;
    int high = fences.limit();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (fences.get(middle) < head) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The first eight bytes, shifted so that signed numbers sort as the unsigned bytes do. */
  private static long head(byte[] digest) {
    long head = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      head = head << 8 | (i < digest.length ? digest[i] & 0xff : 0);
    }
    return head ^ Long.MIN_VALUE;
  }

  /** The one pass over an index when it is opened. */
  private static final class IndexScan {
    private static final int BUFFER = 64 << 10;
    private static final int MOST_WIDTH = 128;

    private final ByteSource source;
    private final EntryVisitor visitor;
    private final ByteBuffer buffer =
        ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN).flip();
    private final long end;
    private long position;

    IndexScan(ByteSource source, long position, EntryVisitor visitor) throws IOException {
      this.source = source;
      this.position = position;
      this.visitor = visitor;
      this.end = source.size();
    }

    List<DigestTable> index() throws IOException {
      List<DigestTable> buckets = new ArrayList<>();
      switch (CarIndexFormat.of(formatCode())) {
        case SORTED -> buckets(-1, buckets);
        case MULTIHASH_SORTED -> {
          int codes = count("hash functions", Long.BYTES + Integer.BYTES);
          for (int i = 0; i < codes; i++) {
            buckets(need(Long.BYTES).getLong(), buckets);
          }
        }
      }
      return buckets;
    }

    private long formatCode() throws IOException {
      byte[] code = new byte[10];
      int length = 0;
      do {
        code[length++] = need(1).get();
      } while (code[length - 1] < 0 && length < code.length);
      try {
        return Varint.read(ByteBuffer.wrap(code, 0, length));
      } catch (ProtocolException e) {
        throw BadCar.at("index format", e);
      }
    }

    private void buckets(long code, List<DigestTable> into) throws IOException {
      int count = count("buckets", Integer.BYTES + Long.BYTES);
      for (int i = 0; i < count; i++) {
        into.add(bucket(code));
      }
    }

    private DigestTable bucket(long code) throws IOException {
      int recordBytes = need(Integer.BYTES).getInt();
      long length = need(Long.BYTES).getLong();
      if (recordBytes < Long.BYTES || recordBytes > MOST_WIDTH + Long.BYTES) {
        throw BadCar.because("index entries of " + recordBytes + " bytes");
      }
      if (length < 0 || length > end - here() || length % recordBytes != 0) {
        throw BadCar.because("index bucket of " + length + " bytes at " + here());
      }
      long start = here();
      long count = length / recordBytes;
      long[] fences = new long[(int) ((count + STRIDE - 1) / STRIDE)];
      entries(recordBytes - Long.BYTES, count, fences);
      return new DigestTable(code, recordBytes - Long.BYTES, start, count, LongBuffer.wrap(fences));
    }

    private void entries(int width, long count, long[] fences) throws IOException {
      byte[] digest = new byte[width];
      byte[] before = new byte[width];
      for (long i = 0; i < count; i++) {
        need(width + Long.BYTES).get(digest);
        long offset = buffer.getLong();
        if (i > 0 && Arrays.compareUnsigned(before, digest) > 0) {
          throw BadCar.because("index is not sorted at entry " + i);
        }
        if (offset < 0) {
          throw BadCar.because("index offset " + offset);
        }
        if (i % STRIDE == 0) {
          fences[(int) (i / STRIDE)] = head(digest);
        }
        visitor.entry(digest, offset);
        System.arraycopy(digest, 0, before, 0, width);
      }
    }

    private int count(String what, int leastBytes) throws IOException {
      int count = need(Integer.BYTES).getInt();
      if (count < 0 || (long) count * leastBytes > end - here()) {
        throw BadCar.because("index with " + count + " " + what);
      }
      return count;
    }

    /** Position in the source of what the buffer gives next. */
    private long here() {
      return position - buffer.remaining();
    }

    /** The buffer with at least so many bytes in it. */
    private ByteBuffer need(int bytes) throws IOException {
      if (buffer.remaining() < bytes) {
        buffer.compact();
        while (buffer.position() < bytes) {
          int count = source.read(buffer, position);
          if (count < 0) {
            throw new EOFException(bytes + " bytes expected at " + position);
          }
          position += count;
        }
        buffer.flip();
      }
      return buffer;
    }
  }
}
