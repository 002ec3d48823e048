package io.sluice.node.pullsync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.sync.Intervals;
import io.sluice.fsm.sync.NeighbourSync;
import io.sluice.fsm.sync.OpenNumber;
import io.sluice.node.pullsync.PullPlan.Ask;
import io.sluice.node.pullsync.PullPlan.Rest;
import io.sluice.protocol.DoublingPause;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PullPlanTest {
  private static final Cid CID =
      Cid.parse("bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq");
  private static final Instant NOW = Instant.ofEpochMilli(1_800_000_000_000L);
  private static final Instant LONG_AGO = NOW.minusSeconds(60);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final PullPlan PLAN = PullPlan.STANDARD;

  static NeighbourSync sync(String done, OpenNumber... open) {
    NeighbourSync.Order order =
        new NeighbourSync.Order(
            "room",
            PeerId.parse("12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"),
            List.of(),
            Lane.EVERYTHING,
            false,
            false,
            Optional.empty(),
            NOW);
    return new NeighbourSync(
        order, false, 5, 6, 0, Intervals.parse(done), List.of(open), 1, 0, 0, NOW);
  }

  private static OpenNumber block(long number, Instant next) {
    return new OpenNumber(number, CID, false, "gone", 1, next);
  }

  private static OpenNumber root(long number, int attempts, Instant next) {
    return new OpenNumber(number, CID, true, "incomplete", attempts, next);
  }

  private static PullPlan.PullWork next(NeighbourSync sync, long cursor, Instant looked) {
    return PLAN.next(sync, cursor, looked, NOW);
  }

  @Test
  void givenHistory_thenLowestHoleFirst_andNewsInBetween() {
    assertEquals(new Ask(1, 90, Duration.ZERO), next(sync("1"), 90, NOW));
    assertEquals(new Ask(1, 2, Duration.ZERO), next(sync("1;3,5"), 90, NOW));
    assertEquals(new Ask(6, 8, Duration.ZERO), next(sync("1;1,5;9,9"), 90, NOW));
    assertEquals(
        new Ask(91, Neighbour.LIVE, Duration.ZERO), next(sync("1;1,5"), 90, NOW.minus(SECOND)));
  }

  @Test
  void givenNothingMissing_thenWaitsForNews_untilSomethingIsToBeTriedAgain() {
    assertEquals(
        new Ask(10, Neighbour.LIVE, Duration.ofSeconds(30)), next(sync("1;1,9"), 9, LONG_AGO));
    assertEquals(
        new Ask(10, Neighbour.LIVE, SECOND),
        next(sync("1;1,3;5,9", block(4, NOW.plus(SECOND))), 9, LONG_AGO));
    assertEquals(new Ask(1, Neighbour.LIVE, Duration.ofSeconds(30)), next(sync("1"), 0, LONG_AGO));
  }

  @Test
  void givenNumbersWhoseTimeHasCome_thenTheyComeFirst_inARow() {
    NeighbourSync sync =
        sync(
            "1;1,3",
            block(4, NOW.plus(SECOND)),
            block(5, NOW),
            block(6, NOW.minus(SECOND)),
            block(8, NOW));
    assertEquals(new Ask(5, 6, Duration.ZERO), next(sync, 90, NOW));
  }

  @Test
  void givenRoot_thenNotBeforeWhatCameBeforeIt() {
    assertEquals(new Ask(1, 6, Duration.ZERO), next(sync("1;8,9", root(7, 1, NOW)), 9, NOW));
    assertEquals(new Ask(7, 7, Duration.ZERO), next(sync("1;1,6;8,9", root(7, 1, NOW)), 9, NOW));
    // A block that fails does not keep a root from being looked at: it may lie beneath another.
    assertEquals(
        new Ask(7, 7, Duration.ZERO),
        next(sync("1;1,5;8,9", block(6, NOW.plus(SECOND)), root(7, 1, NOW)), 9, NOW));
  }

  @Test
  void givenManyThatFail_thenNothingNew() {
    OpenNumber[] open = new OpenNumber[PLAN.mostOpen()];
    for (int i = 0; i < open.length; i++) {
      open[i] = block(i + 1, NOW.plus(SECOND));
    }
    assertEquals(new Rest(SECOND), next(sync("1", open), 5000, LONG_AGO));
  }

  @Test
  void givenFailuresInARow_thenLongerAndLonger_upToFiveMinutes_spread() {
    Random random = new Random(7);
    for (int row = 1; row < 40; row++) {
      Duration whole = new DoublingPause(Duration.ofMillis(250), Duration.ofMinutes(5)).after(row);
      Duration pause = PLAN.afterFailure(row, random);
      assertTrue(pause.compareTo(whole) <= 0 && pause.multipliedBy(4).compareTo(whole) > 0);
      assertTrue(pause.compareTo(Duration.ofMillis(150)) > 0, "never a hot loop");
      assertTrue(pause.compareTo(Duration.ofMinutes(5)) <= 0);
    }
    assertFalse(PLAN.afterFailure(9, random).equals(PLAN.afterFailure(9, random)));
  }

  @Test
  void givenNeighbourThatSaysWhen_thenNotEarlier_butNoLongerThanFiveMinutes() {
    Random random = new Random(7);
    NeighbourException.Kind busy = NeighbourException.Kind.BUSY;
    assertEquals(
        Duration.ofSeconds(20), PLAN.afterFailure(busy, 1, Duration.ofSeconds(20), random));
    assertEquals(Duration.ofMinutes(5), PLAN.afterFailure(busy, 1, Duration.ofDays(9), random));
    assertTrue(
        PLAN.afterFailure(NeighbourException.Kind.REFUSED, 1, Duration.ZERO, random)
                .compareTo(Duration.ofSeconds(7))
            > 0);
    assertEquals(NOW.plusSeconds(9), PLAN.nextTry(1, Duration.ofSeconds(9), NOW, random));
  }

  @Test
  void givenRootThatStaysIncomplete_thenLookedThroughAgain_nowAndThen() {
    assertFalse(PullPlan.looksThroughAgain(sync("1;1,6"), root(7, 2, NOW)));
    assertTrue(PullPlan.looksThroughAgain(sync("1;1,6"), root(7, 3, NOW)));
    assertFalse(PullPlan.looksThroughAgain(sync("1;1,6"), root(7, 4, NOW)));
    assertFalse(PullPlan.looksThroughAgain(sync("1;1,5"), root(7, 3, NOW)), "6 may bring it");
    assertFalse(PullPlan.looksThroughAgain(sync("1"), root(1, 3, NOW)));
  }
}
