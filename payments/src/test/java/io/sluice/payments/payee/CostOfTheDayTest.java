package io.sluice.payments.payee;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** When a redemption is cheap, by what it cost before. */
class CostOfTheDayTest {
  private static final Duration STEP = Duration.ofMinutes(10);

  private static TokenAmount amount(long units) {
    return TokenAmount.of(units);
  }

  @Test
  void givenACostThatNeverChanges_thenItIsNeverCheap() {
    CostOfTheDay day = new CostOfTheDay();
    Instant now = Instant.EPOCH;
    for (int sample = 0; sample < 200; sample++) {
      now = now.plus(STEP);
      assertFalse(day.isCheap(amount(7), now));
    }
  }

  @Test
  void givenADay_whenItIsOver_thenItsCostsAreForgotten() {
    CostOfTheDay day = new CostOfTheDay();
    Instant now = Instant.EPOCH;
    for (int sample = 0; sample < 72; sample++) {
      now = now.plus(STEP);
      assertFalse(day.isCheap(amount(9), now));
    }
    assertTrue(day.isCheap(amount(2), now.plus(STEP)));
    for (int sample = 0; sample < 145; sample++) {
      now = now.plus(STEP);
      day.isCheap(amount(2), now);
    }
    assertFalse(day.isCheap(amount(2), now.plus(STEP)));
  }
}
