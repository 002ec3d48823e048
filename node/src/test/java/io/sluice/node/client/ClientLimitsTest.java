package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long a client waits before it tries again. */
class ClientLimitsTest {
  private static final ClientLimits LIMITS = ClientLimits.DEFAULT;

  @Test
  void pausesDoubleUpToTheLongest() {
    assertEquals(Duration.ofMillis(250), LIMITS.pauseBefore(1, Duration.ZERO));
    assertEquals(Duration.ofSeconds(1), LIMITS.pauseBefore(3, Duration.ZERO));
    assertEquals(LIMITS.longestPause(), LIMITS.pauseBefore(50, Duration.ZERO));
  }

  @Test
  void givenAProviderThatAsksForPatience_thenItGetsIt_withinBounds() {
    assertEquals(Duration.ofSeconds(30), LIMITS.pauseBefore(1, Duration.ofSeconds(30)));
    assertEquals(LIMITS.longestPause(), LIMITS.pauseBefore(50, Duration.ofSeconds(1)));
    assertEquals(Duration.ofMinutes(1), LIMITS.pauseBefore(1, Duration.ofSeconds(Long.MAX_VALUE)));
  }
}
