package io.sluice.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ThrottleTest {
  @Test
  void givenBurst_thenFree_andWhatIsMoreIsWaitedFor() {
    long[] now = {-7};
    Throttle rate = new Throttle(SteadyRate.aSecond(250, 250), () -> now[0]);

    assertEquals(Duration.ZERO, rate.take(250));
    assertEquals(Duration.ofSeconds(1), rate.take(250));
    assertEquals(Duration.ofMillis(1004), rate.take(1));
    now[0] += Duration.ofSeconds(60).toNanos();
    assertEquals(Duration.ZERO, rate.take(250));
    assertEquals(Duration.ofMillis(4), rate.take(1));
  }
}
