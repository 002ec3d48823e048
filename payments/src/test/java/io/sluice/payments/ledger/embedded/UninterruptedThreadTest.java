package io.sluice.payments.ledger.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

/** Work on files that nobody interrupts. */
class UninterruptedThreadTest {
  @Test
  void givenAnInterruptedCaller_thenTheWorkIsDoneAndTheCallerLearnsOfItAfterwards()
      throws Exception {
    try (UninterruptedThread thread = new UninterruptedThread()) {
      Thread.currentThread().interrupt();

      assertEquals(false, thread.run(() -> Thread.currentThread().isInterrupted()));

      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void givenItIsClosed_thenNothingMoreIsTaken() {
    UninterruptedThread thread = new UninterruptedThread();
    thread.close();

    assertThrows(ClosedChannelException.class, () -> thread.run(() -> 1));
  }
}
