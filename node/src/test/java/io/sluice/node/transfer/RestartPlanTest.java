package io.sluice.node.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When a transfer is tried again, and when no more. */
class RestartPlanTest {
  private static final TransferLimits LIMITS =
      new TransferLimits(
          Duration.ofSeconds(60),
          3,
          6,
          Duration.ofMillis(100),
          Duration.ofMillis(500),
          Duration.ofHours(24),
          1000,
          1,
          1);

  private static List<Long> pauses(RestartPlan plan) {
    List<Long> pauses = new ArrayList<>();
    RestartPlan next = plan.stopped();
    while (next.pause().isPresent()) {
      pauses.add(next.pause().get().toMillis());
      next = next.stopped();
    }
    return pauses;
  }

  @Test
  void pausesDoubleUpToTheLongest() {
    assertEquals(List.of(100L, 200L, 400L, 500L, 500L), pauses(RestartPlan.begin(LIMITS, true)));
  }

  @Test
  void whoWasNeverFoundIsTriedLess() {
    assertEquals(List.of(100L, 200L), pauses(RestartPlan.begin(LIMITS, false)));
  }

  @Test
  void beingFoundBeginsAnew() {
    RestartPlan tried = RestartPlan.begin(LIMITS, false).stopped().stopped();

    assertEquals(List.of(100L, 200L, 400L, 500L, 500L), pauses(tried.found()));
  }

  @Test
  void beingFoundOnceMoreDoesNot() {
    RestartPlan tried = RestartPlan.begin(LIMITS, true).stopped().stopped();

    assertEquals(List.of(400L, 500L, 500L), pauses(tried.found()));
  }

  @Test
  void whatMovesIsWorthAllTriesAgain() {
    RestartPlan lost = RestartPlan.begin(LIMITS, true).stopped().stopped().stopped();

    assertEquals(Optional.of(Duration.ofMillis(400)), lost.pause());
    assertEquals(List.of(100L, 200L, 400L, 500L, 500L), pauses(lost.moved()));
  }
}
