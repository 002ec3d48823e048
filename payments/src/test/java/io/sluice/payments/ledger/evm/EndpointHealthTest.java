package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class EndpointHealthTest {
  private static final Instant NOW = Instant.parse("2025-06-01T00:00:00Z");
  private static final EndpointException SILENT = EndpointException.failed("silent", null);
  private static final EndpointException LIE = EndpointException.wrong("a lie");

  private static Duration aside(EndpointHealth health) {
    return Duration.between(NOW, health.asideUntil());
  }

  @Test
  void failing_putAsideForTwiceAsLongEachTime_upToAnEnd() {
    EndpointHealth health = EndpointHealth.NEW;
    assertTrue(health.isUsable(NOW));
    health = health.failed(SILENT, NOW);
    assertEquals(Duration.ofSeconds(2), aside(health));
    assertFalse(health.isUsable(NOW.plusMillis(1999)));
    assertTrue(health.isUsable(NOW.plusSeconds(2)));
    assertEquals(Duration.ofSeconds(4), aside(health.failed(SILENT, NOW)));
    for (int i = 0; i < 80; i++) {
      health = health.failed(SILENT, NOW);
    }
    assertEquals(Duration.ofMinutes(5), aside(health));
    assertEquals("silent", health.cause());
  }

  @Test
  void lying_putAsideForLong_andToldApart() {
    EndpointHealth health = EndpointHealth.NEW.found().failed(LIE, NOW);

    assertEquals(Duration.ofMinutes(10), aside(health));
    assertTrue(health.isWrong());
    assertFalse(health.failed(SILENT, NOW).isWrong());
  }

  @Test
  void backAgain_verifiedAnew_andForgivenOnceItAnswers() {
    EndpointHealth health = EndpointHealth.NEW.found().failed(SILENT, NOW);
    assertFalse(health.verified());

    EndpointHealth after = health.found().answered();

    assertTrue(after.verified());
    assertEquals(Duration.ofSeconds(2), aside(after.failed(SILENT, NOW)));
  }

  @Test
  void behind_byMoreThanTolerated() {
    assertFalse(EndpointHealth.isBehind(95, 100, 5));
    assertTrue(EndpointHealth.isBehind(94, 100, 5));
    assertFalse(EndpointHealth.isBehind(200, 100, 5));
  }
}
