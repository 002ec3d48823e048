package io.sluice.protocol.car;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.stream.IntStream;

/** Entries (digest, offset) of one digest width in one array; iterating gives them sorted. */
final class SortedRun implements Iterable<ByteBuffer> {
  private final int width;
  private final int recordBytes;
  private byte[] records = new byte[0];
  private int size;

  SortedRun(int width) {
    this.width = width;
    this.recordBytes = width + Long.BYTES;
  }

  int size() {
    return size;
  }

  int recordBytes() {
    return recordBytes;
  }

  void add(byte[] digest, long offset) {
    ensure(1);
    int at = size * recordBytes;
    System.arraycopy(digest, 0, records, at, width);
    ByteBuffer.wrap(records).order(ByteOrder.LITTLE_ENDIAN).putLong(at + width, offset);
    size++;
  }

  void addAll(SortedRun other) {
    ensure(other.size);
    System.arraycopy(other.records, 0, records, size * recordBytes, other.size * other.recordBytes);
    size += other.size;
  }

  @Override
  public Iterator<ByteBuffer> iterator() {
    return Arrays.stream(order())
        .mapToObj(index -> ByteBuffer.wrap(records, index * recordBytes, recordBytes))
        .iterator();
  }

  /**
   * Sorted by the first four digest bytes as plain numbers, which settles nearly all; only
   * stretches that agree in them are compared in full.
   */
  private int[] order() {
    long[] keys = new long[size];
    for (int i = 0; i < size; i++) {
      keys[i] = ((long) head(i) << 32) | i;
    }
    Arrays.sort(keys);
    int[] order = Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
    int from = 0;
    for (int to = 1; to <= size; to++) {
      if (to == size || keys[to] >> 32 != keys[from] >> 32) {
        if (to - from > 1) {
          sortFully(order, from, to);
        }
        from = to;
      }
    }
    return order;
  }

  private void sortFully(int[] order, int from, int to) {
    Comparator<Integer> byDigest =
        (a, b) ->
            Arrays.compareUnsigned(
                records,
                a * recordBytes,
                a * recordBytes + width,
                records,
                b * recordBytes,
                b * recordBytes + width);
    int[] sorted =
        IntStream.range(from, to)
            .mapToObj(i -> order[i])
            .sorted(byDigest.thenComparing(Comparator.naturalOrder()))
            .mapToInt(Integer::intValue)
            .toArray();
    System.arraycopy(sorted, 0, order, from, sorted.length);
  }

  /** The first four bytes, shifted so that signed numbers sort as the unsigned bytes do. */
  private int head(int index) {
    int head = 0;
    for (int i = 0; i < Integer.BYTES; i++) {
      head = head << 8 | (i < width ? records[index * recordBytes + i] & 0xff : 0);
    }
    return head ^ Integer.MIN_VALUE;
  }

  private void ensure(int more) {
    int needed = Math.multiplyExact(Math.addExact(size, more), recordBytes);
    if (needed > records.length) {
      long grown = Math.max(needed, Math.min(records.length * 3L / 2, Integer.MAX_VALUE - 64));
      records = Arrays.copyOf(records, (int) grown);
    }
  }
}
