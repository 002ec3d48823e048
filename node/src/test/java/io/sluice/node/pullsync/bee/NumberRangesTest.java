package io.sluice.node.pullsync.bee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.node.pullsync.bee.NumberRanges.Range;
import java.util.BitSet;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NumberRangesTest {
  @Test
  void rangesThatTouchOrOverlapAreOne() {
    NumberRanges ranges = new NumberRanges();
    ranges.add(1, 50);
    ranges.add(51, 60);
    ranges.add(5, 9);
    assertEquals("{1=60}", ranges.toString());
    ranges.add(100, 100);
    ranges.add(Long.MAX_VALUE - 1, Long.MAX_VALUE);
    assertEquals(Optional.of(new Range(61, 99)), ranges.firstHole(200));
    assertEquals(Optional.of(new Range(61, 70)), ranges.firstHole(70));
    assertEquals(Optional.empty(), ranges.firstHole(60));
  }

  @Test
  void givenNoRange_thenRefused() {
    assertThrows(IllegalArgumentException.class, () -> new NumberRanges().add(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new NumberRanges().add(2, 1));
  }

  /** Against a set that has every number for itself. */
  @Test
  void givenAnyRanges_thenHolesAreThoseOfASet() {
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      NumberRanges ranges = new NumberRanges();
      BitSet set = new BitSet();
      set.set(0);
      for (int i = 0; i < 12; i++) {
        int from = 1 + random.nextInt(40);
        int to = from + random.nextInt(6);
        ranges.add(from, to);
        set.set(from, to + 1);
        int hole = set.nextClearBit(1);
        int end = set.nextSetBit(hole);
        long to48 = Math.min(48, end < 0 ? 48 : end - 1);
        assertEquals(
            hole > 48 ? Optional.empty() : Optional.of(new Range(hole, to48)),
            ranges.firstHole(48),
            ranges.toString());
        assertEquals(set.length() - 1, ranges.highest());
      }
    }
  }
}
