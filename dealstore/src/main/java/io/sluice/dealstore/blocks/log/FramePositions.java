package io.sluice.dealstore.blocks.log;

import java.util.Arrays;

/**
 * Where in a segment frames begin, one noted for every few KiB: enough to find a number by reading
 * a little. Safe for any number of threads.
 */
final class FramePositions {
  private static final long EVERY = 4 << 10;

  private long[] numbers;
  private long[] offsets;
  private int count;

  FramePositions() {
    this(new long[16], new long[16], 0);
  }

  FramePositions(long[] numbers, long[] offsets, int count) {
    this.numbers = numbers;
    this.offsets = offsets;
    this.count = count;
  }

  /** A frame whose first number is that begins there; both rise from call to call. */
  synchronized void add(long number, long offset) {
    if (count > 0 && offset - offsets[count - 1] < EVERY) {
      return;
    }
    if (count == numbers.length) {
      numbers = Arrays.copyOf(numbers, count * 2);
      offsets = Arrays.copyOf(offsets, count * 2);
    }
    numbers[count] = number;
    offsets[count] = offset;
    count++;
  }

  /** Forgets what lies at or behind an offset. */
  synchronized void cut(long offset) {
    while (count > 0 && offsets[count - 1] >= offset) {
      count--;
    }
  }

  /** Where to begin to read so as to pass a number, if it is there; -1 for the very beginning. */
  synchronized long before(long number) {
    int found = Arrays.binarySearch(numbers, 0, count, number);
    int at = found >= 0 ? found : -found - 2;
    return at < 0 ? -1 : offsets[at];
  }

  /** The lowest number, 0 if there is none. */
  synchronized long first() {
    return count == 0 ? 0 : numbers[0];
  }

  synchronized int size() {
    return count;
  }

  synchronized long number(int at) {
    return numbers[at];
  }

  synchronized long offset(int at) {
    return offsets[at];
  }
}
