package io.sluice.protocol.car;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Entries (digest, offset) of one digest width, in pages that are never copied to grow; iterating
 * gives them sorted.
 */
final class SortedRun implements Iterable<ByteBuffer> {
  private static final int PAGE = 4096; // entries
  private static final int FIRST = 64;

  private final int width;
  private final int recordBytes;
  private final List<byte[]> pages = new ArrayList<>();
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
    byte[] page = roomy();
    int at = at(size);
    System.arraycopy(digest, 0, page, at, width);
    ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN).putLong(at + width, offset);
    size++;
  }

  void addAll(SortedRun other) {
    for (int i = 0; i < other.size; i++) {
      System.arraycopy(other.page(i), other.at(i), roomy(), at(size), recordBytes);
      size++;
    }
  }

  private byte[] page(int index) {
    return pages.get(index / PAGE);
  }

  private int at(int index) {
    return index % PAGE * recordBytes;
  }

  /** The page that the next entry goes to; the first one grows, since most runs are short. */
  private byte[] roomy() {
    int number = size / PAGE;
    if (number == pages.size()) {
      pages.add(new byte[(number == 0 ? FIRST : PAGE) * recordBytes]);
    }
    byte[] page = pages.get(number);
    if (at(size) == page.length) {
      page = Arrays.copyOf(page, page.length * 2);
      pages.set(number, page);
    }
    return page;
  }

  @Override
  public Iterator<ByteBuffer> iterator() {
    return Arrays.stream(order())
        .mapToObj(index -> ByteBuffer.wrap(page(index), at(index), recordBytes))
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
            Arrays.compareUnsigned(page(a), at(a), at(a) + width, page(b), at(b), at(b) + width);
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
    byte[] page = page(index);
    int head = 0;
    for (int i = 0; i < Integer.BYTES; i++) {
      head = head << 8 | (i < width ? page[at(index) + i] & 0xff : 0);
    }
    return head ^ Integer.MIN_VALUE;
  }
}
