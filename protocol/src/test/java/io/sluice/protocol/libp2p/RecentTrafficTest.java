package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RecentTrafficTest {
  private final RecentTraffic traffic = new RecentTraffic(1000, 100);

  @Test
  void givenFirstStretchUnderWay_thenItIsNotCalledQuiet() {
    traffic.moved(5);
    traffic.at(1099);

    assertEquals(Long.MAX_VALUE, traffic.bytes());
  }

  @Test
  void whenAStretchEnds_thenWhatMovedInItCounts() {
    traffic.moved(5);
    traffic.moved(6);
    traffic.at(1100);
    assertEquals(11, traffic.bytes());

    traffic.moved(7);
    assertEquals(11, traffic.bytes());
    traffic.at(1199);
    assertEquals(11, traffic.bytes());
    traffic.at(1200);
    assertEquals(7, traffic.bytes());

    traffic.at(1300);
    assertEquals(0, traffic.bytes());
  }
}
