package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each row of the policy, just before and just after its limits; ten blocks are stuck. */
class FeeRiseTest {
  private static final long STUCK_AFTER = 10;

  @ParameterizedTest(name = "{0} blocks, {1}: {2}, {3} %")
  @CsvSource({
    // nothing presses
    "9, , false, 125",
    "10, , true, 125",
    "9, PT6H1S, false, 125",
    "10, PT6H1S, true, 125",
    // in sight
    "4, PT6H, false, 150",
    "5, PT6H, true, 150",
    "4, PT1H1S, false, 150",
    // near
    "2, PT1H, false, 150",
    "3, PT1H, true, 150",
    "2, PT10M1S, false, 150",
    // pressing
    "0, PT10M, false, 200",
    "1, PT10M, true, 200",
    "1, PT1S, true, 200",
    // over: nothing is saved by paying more
    "9, PT0S, false, 125",
    "9, PT-1S, false, 125",
    "10, PT-1H, true, 125",
  })
  void row(long waited, Duration left, boolean due, int percent) {
    assertEquals(
        new FeeRise(due, percent), FeeRise.of(waited, Optional.ofNullable(left), STUCK_AFTER));
  }

  @Test
  void nearerDeadlines_neverWaitLongerNorRiseLess() {
    for (long waited = 0; waited < 12; waited++) {
      FeeRise before = FeeRise.of(waited, Optional.empty(), STUCK_AFTER);
      for (int minutes = 500; minutes > 0; minutes--) {
        FeeRise now = FeeRise.of(waited, Optional.of(Duration.ofMinutes(minutes)), STUCK_AFTER);
        assertTrue(now.isDue() || !before.isDue(), waited + " blocks, minutes left: " + minutes);
        assertTrue(now.percent() >= before.percent(), "minutes left: " + minutes);
        before = now;
      }
    }
  }

  @Test
  void whereOneBlockIsStuck_eachRowWaitsForOneAllTheSame() {
    for (Duration left : new Duration[] {FeeRise.PRESSING, FeeRise.NEAR, FeeRise.IN_SIGHT}) {
      assertFalse(FeeRise.of(0, Optional.of(left), 1).isDue(), "just handed out");
      assertTrue(FeeRise.of(1, Optional.of(left), 1).isDue());
    }
  }
}
