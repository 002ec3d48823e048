package io.sluice.payments.payer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Those who wait for a change hear of one that came while they looked. */
class ChangeSignalTest {
  private final ChangeSignal signal = new ChangeSignal();

  @Test
  void givenChanges_thenTheyAreCounted() {
    signal.raise();
    signal.raise();

    assertEquals(2, signal.count());
  }

  @Test
  void givenAChangeSinceTheLook_thenNobodyWaits() throws InterruptedException {
    long seen = signal.count();
    signal.raise();

    assertEquals(Long.MAX_VALUE, signal.await(seen, Long.MAX_VALUE));
  }

  @Test
  void givenNoChange_thenThePatienceEnds() throws InterruptedException {
    assertTrue(signal.await(signal.count(), 1) <= 0);
  }
}
