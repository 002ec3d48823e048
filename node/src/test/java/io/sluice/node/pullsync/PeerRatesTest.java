package io.sluice.node.pullsync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.SteadyRate;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.TestHosts;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How fast a peer gets blocks, with a clock that is turned by hand. */
class PeerRatesTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final SteadyRate FAST = SteadyRate.aSecond(Long.MAX_VALUE, 1);

  private final Host slow = new TestHosts().host("slow");
  private final Host other = new TestHosts().host("other");

  @Test
  void given250BlocksASecond_then10000TakeAbout40Seconds() {
    PeerRates rates = new PeerRates(SteadyRate.aSecond(250, 250), FAST);
    long now = 5;
    for (int i = 0; i < 10_000; i++) {
      now += rates.take(slow.id(), 1000, now, SECOND);
    }

    assertEquals(39.0, (now - 5) / (double) SECOND, 0.1);
    assertEquals(0, rates.take(other.id(), 1000, now, SECOND));
  }

  @Test
  void givenALimitOfBytes_thenLargeBlocksWaitLonger() {
    PeerRates rates = new PeerRates(FAST, SteadyRate.aSecond(1 << 20, 1 << 20));
    long now = 0;
    for (int i = 0; i < 100; i++) {
      now += rates.take(slow.id(), 1 << 18, now, SECOND);
    }

    assertEquals(24, now / (double) SECOND, 0.3);
  }

  @Test
  void givenAWaitThatIsTooLong_thenNothingIsTaken() {
    PeerRates rates = new PeerRates(SteadyRate.aSecond(1, 1), FAST);
    rates.take(slow.id(), 1, 0, SECOND);
    rates.take(slow.id(), 1, 0, SECOND);
    long wait = rates.take(slow.id(), 1, 0, SECOND / 2);

    assertEquals(SECOND, wait);
    assertEquals(SECOND, rates.take(slow.id(), 1, 0, SECOND / 2));
    assertEquals(0, rates.take(slow.id(), 1, SECOND, SECOND / 2));
  }

  @Test
  void givenALongRest_thenNoMoreThanTheBurstIsFree() {
    PeerRates rates = new PeerRates(SteadyRate.aSecond(10, 5), FAST);
    long later = 1_000_000 * SECOND;
    rates.take(slow.id(), 1, 0, SECOND);
    int free = 0;
    while (rates.take(slow.id(), 1, later, SECOND) == 0) {
      free++;
    }

    assertTrue(free >= 5 && free <= 6, free + " at once");
  }
}
