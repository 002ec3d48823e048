package io.sluice.dealstore.blocks.index;

import java.util.Arrays;

/**
 * Where the blocks of the active file are: open addressing over two flat arrays, about 32 bytes a
 * block. It knows only the first digest bytes, so an answer is a candidate that the file has to
 * confirm. Safe for any number of threads.
 */
public final class TailIndex {
  private static final int FIRST_CAPACITY = 1 << 10;
  private static final long[] NONE = {};

  private long[] heads = new long[FIRST_CAPACITY];

  /** Offset plus one; zero is an empty slot. */
  private long[] places = new long[FIRST_CAPACITY];

  private int size;

  /** The first eight digest bytes as a number. */
  public static long head(byte[] digest) {
    long head = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      head = head << 8 | (i < digest.length ? digest[i] & 0xff : 0);
    }
    return head;
  }

  /** How many blocks it has. */
  public synchronized int size() {
    return size;
  }

  /** A block whose digest begins so stands at an offset. */
  public synchronized void add(long head, long offset) {
    if (size * 4L >= heads.length * 3L) {
      grow();
    }
    insert(head, offset + 1);
    size++;
  }

  /** Offsets of blocks whose digest begins so; nearly always none or one. */
  public synchronized long[] candidates(long head) {
    long[] found = NONE;
    int mask = heads.length - 1;
    for (int slot = slot(head); places[slot] != 0; slot = (slot + 1) & mask) {
      if (heads[slot] == head) {
        found = Arrays.copyOf(found, found.length + 1);
        found[found.length - 1] = places[slot] - 1;
      }
    }
    return found;
  }

  /** All offsets, in rising order: the order of the file. */
  public synchronized long[] offsets() {
    return Arrays.stream(places)
        .filter(place -> place != 0)
        .map(place -> place - 1)
        .sorted()
        .toArray();
  }

  private void insert(long head, long place) {
    int mask = heads.length - 1;
    int slot = slot(head);
    while (places[slot] != 0) {
      slot = (slot + 1) & mask;
    }
    heads[slot] = head;
    places[slot] = place;
  }

  private void grow() {
    long[] oldHeads = heads;
    long[] oldPlaces = places;
    heads = new long[oldHeads.length * 2];
    places = new long[oldPlaces.length * 2];
    for (int i = 0; i < oldHeads.length; i++) {
      if (oldPlaces[i] != 0) {
        insert(oldHeads[i], oldPlaces[i]);
      }
    }
  }

  private int slot(long head) {
    return (int) ((head * 0x9E3779B97F4A7C15L) >>> 33) & (heads.length - 1);
  }
}
