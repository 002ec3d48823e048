package io.sluice.fsm.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.sync.Intervals.Range;
import io.sluice.protocol.ProtocolException;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IntervalsTest {
  private static final long TOP = -2; // 2^64 - 2, the highest number that can be done

  @Test
  void givenRangesThatTouchOrOverlap_thenMerged() {
    Intervals done = Intervals.NONE.with(1, 50).with(51, 60).with(5, 9);

    assertEquals(List.of(new Range(1, 60)), done.ranges());
    assertEquals(
        List.of(new Range(1, 60), new Range(62, 62)), done.with(62, 62).with(2, 3).ranges());
    assertEquals(List.of(new Range(1, 62)), done.with(62, 62).with(61, 61).ranges());
  }

  @Test
  void givenTextOfTheReference_thenReadAndWritten() {
    Intervals done = Intervals.NONE.with(100, 100).with(1, 50);

    assertEquals("1;1,1e;2s,2s", done.toString());
    assertEquals(done, Intervals.parse("1;1,1e;2s,2s"));
    assertEquals(Intervals.NONE, Intervals.parse("1"));
    assertEquals("1;3w5e11264sgse,3w5e11264sgse", Intervals.NONE.with(TOP, TOP).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "2;1,2",
        "1;",
        "1;1",
        "1;1,2,3",
        "1;2,1",
        "1;0,1",
        "1;1,2;3,4",
        "1;3,4;1,1",
        "1;-1,2",
        "1;1,3w5e11264sgsf",
        "1;1,3w5e11264sgsg",
        "1;01,2",
        "1;1,1E",
        "1;1,!"
      })
  void givenAnythingElse_thenRefused(String text) {
    assertThrows(ProtocolException.class, () -> Intervals.parse(text));
  }

  @Test
  void givenEndsOfTheNumbers_thenNoneOfThemWraps() {
    Intervals done = Intervals.NONE.with(TOP, TOP).with(1, 1).with(3, Long.MIN_VALUE);

    assertEquals(Optional.of(new Range(2, 2)), done.firstHole(TOP));
    assertEquals(
        Optional.of(new Range(Long.MIN_VALUE + 1, TOP - 1)), done.with(2, 2).firstHole(TOP));
    assertTrue(done.contains(Long.MAX_VALUE));
    assertEquals(TOP, done.highest());
    assertEquals(Optional.empty(), Intervals.NONE.with(1, TOP).firstHole(TOP));
    assertThrows(IllegalArgumentException.class, () -> Intervals.NONE.with(5, -1));
    assertThrows(IllegalArgumentException.class, () -> Intervals.NONE.with(0, 5));
  }

  @Test
  void givenRandomChanges_thenAsASetOfNumbers() {
    long seed = Long.getLong("sluice.seed", 20261128);
    System.out.println("sluice.seed=" + seed);
    Random random = new Random(seed);
    for (int run = 0; run < 300; run++) {
      Intervals done = Intervals.NONE;
      BitSet model = new BitSet();
      for (int i = 0; i < 40; i++) {
        int from = 1 + random.nextInt(60);
        int to = from + random.nextInt(8);
        boolean more = random.nextInt(3) > 0;
        done = more ? done.with(from, to) : done.without(from, to);
        model.set(from, to + 1, more);
        assertAs(model, done, 1 + random.nextInt(70));
      }
      assertEquals(done, Intervals.parse(done.toString()));
    }
  }

  private static void assertAs(BitSet model, Intervals done, int upTo) {
    for (int number = 1; number < 70; number++) {
      assertEquals(model.get(number), done.contains(number));
    }
    assertEquals(Math.max(0, model.length() - 1), done.highest());
    assertEquals(upTo - model.get(1, upTo + 1).cardinality(), done.missing(upTo));
    int from = model.nextClearBit(1);
    int next = model.nextSetBit(from);
    int to = next < 0 ? upTo : Math.min(upTo, next - 1);
    assertEquals(
        from > upTo ? Optional.empty() : Optional.of(new Range(from, to)), done.firstHole(upTo));
    for (int i = 1; i < done.ranges().size(); i++) {
      assertFalse(done.ranges().get(i - 1).to() + 1 >= done.ranges().get(i).from());
    }
  }
}
