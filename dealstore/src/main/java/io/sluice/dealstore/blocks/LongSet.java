package io.sluice.dealstore.blocks;

/** A set of numbers other than zero in one flat array, about 16 bytes each. For one thread. */
final class LongSet {
  private long[] slots = new long[1 << 10];
  private int size;

  /** Adds a number; false if it was there. */
  boolean add(long value) {
    if (size * 2 >= slots.length) {
      grow();
    }
    int slot = slotOf(value);
    if (slots[slot] == value) {
      return false;
    }
    slots[slot] = value;
    size++;
    return true;
  }

  boolean contains(long value) {
    return slots[slotOf(value)] == value;
  }

  /** Where a number is or belongs. */
  private int slotOf(long value) {
    int mask = slots.length - 1;
    int slot = (int) ((value * 0x9E3779B97F4A7C15L) >>> 33) & mask;
    while (slots[slot] != 0 && slots[slot] != value) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] old = slots;
    slots = new long[old.length * 2];
    for (long value : old) {
      if (value != 0) {
        slots[slotOf(value)] = value;
      }
    }
  }
}
