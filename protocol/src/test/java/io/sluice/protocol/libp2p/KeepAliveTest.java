package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class KeepAliveTest {
  private final KeepAlive pings = new KeepAlive();

  @Test
  void givenNoAnswer_thenOverdueOnlyAfterThePatience() {
    pings.ping(1000);

    assertFalse(pings.isOverdue(1100, 100));
    assertTrue(pings.isOverdue(1101, 100));
    assertFalse(pings.isDue(5000, 100));
  }

  @Test
  void givenAnswer_thenTheNextIsDueAnIntervalAfterTheLastWasSent() {
    pings.answered(pings.ping(1000), 1050);

    assertFalse(pings.isOverdue(9999, 100));
    assertFalse(pings.isDue(1200, 200));
    assertTrue(pings.isDue(1201, 200));
  }

  @Test
  void givenAnswerToAnotherPing_thenItDoesNotCount() {
    int value = pings.ping(0);
    pings.answered(value + 1, 10);

    assertTrue(pings.isOverdue(101, 100));
    assertEquals(0, pings.roundTripNanos());
    pings.answered(value, 30);
    pings.answered(value, 9000);
    assertEquals(30, pings.roundTripNanos());
  }

  @Test
  void givenSeveralAnswers_thenTheTimeIsSmoothed() {
    pings.answered(pings.ping(0), 100);
    int second = pings.ping(1000);
    pings.answered(second, 1300);

    assertEquals(200, pings.roundTripNanos());
    assertNotEquals(second, pings.ping(2000));
  }

  @Test
  void givenAnswerInNoTime_thenItIsStillKnownThatThereWasOne() {
    pings.answered(pings.ping(7), 7);

    assertEquals(1, pings.roundTripNanos());
  }
}
