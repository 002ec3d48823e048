package io.sluice.node.pullsync.bee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.sync.Intervals;
import io.sluice.fsm.sync.Intervals.Range;
import io.sluice.protocol.DoublingPause;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BinPlanTest {
  private static final DoublingPause PAUSE =
      new DoublingPause(Duration.ofNanos(10), Duration.ofNanos(1000));

  @Test
  void givenSomeIsDone_thenTheLowestHoleIsNext() {
    Intervals done = Intervals.NONE.with(1, 10).with(20, 30);
    BinPlan plan = new BinPlan(done, 40, PAUSE);
    assertEquals(Optional.of(new Range(11, 19)), plan.next(0));
    plan.done(11, 25); // by 1.4.0 a page may go on behind the hole
    assertEquals(Optional.of(new Range(31, 40)), plan.next(0));
    plan.done(31, 40);
    assertEquals(Optional.empty(), plan.next(0));
    assertTrue(plan.isComplete());
  }

  /** The page goes aside, what is behind it goes on, and it comes back when it is due. */
  @Test
  void givenPageFails_thenTheRestGoesOnAndItIsTriedAgain() {
    BinPlan plan = new BinPlan(Intervals.NONE, 20, PAUSE);
    assertFalse(plan.failed(1, 10, 0));
    assertEquals(Optional.of(new Range(11, 20)), plan.next(5));
    plan.done(11, 20);
    assertEquals(Optional.empty(), plan.next(9));
    assertEquals(Optional.of(Duration.ofNanos(1)), plan.dueIn(9));
    assertEquals(Optional.of(new Range(1, 10)), plan.next(10));
    assertFalse(plan.failed(1, 10, 10));
    assertEquals(Optional.empty(), plan.next(29));
    assertEquals(Optional.of(new Range(1, 10)), plan.next(30));
    plan.done(1, 10);
    assertTrue(plan.isComplete());
    assertEquals(Optional.empty(), plan.dueIn(30));
  }

  @Test
  void givenPageFailsAgainAndAgain_thenItIsGivenUp() {
    BinPlan plan = new BinPlan(Intervals.NONE, 10, PAUSE);
    long now = 0;
    for (int i = 1; i < BinPlan.MOST_TRIES; i++) {
      assertFalse(plan.failed(1, 10, now));
      now += 1000;
    }
    assertTrue(plan.failed(1, 10, now));
    assertEquals(Optional.empty(), plan.next(now + 1000));
  }
}
