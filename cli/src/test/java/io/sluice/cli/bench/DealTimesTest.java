package io.sluice.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class DealTimesTest {
  private static final long MILLI = 1_000_000;

  @Test
  void percentilesAreOfTheTimeFromBeingWanted() {
    DealTimes times = new DealTimes(100);
    for (int i = 0; i < 100; i++) {
      times.note(i, 0, (i + 1) * MILLI);
    }

    assertEquals(new DealsReport.Load(100, 1000, 50, 99), times.load());
  }

  @Test
  void tenthsAreInTheOrderOfTheBeginning() {
    DealTimes times = new DealTimes(20);
    for (int i = 0; i < 20; i++) {
      long wanted = i * 10 * MILLI;
      times.note(i, wanted, wanted + (i < 10 ? 5 : 10) * MILLI);
    }

    List<DealsReport.Load> tenths = times.tenths();
    assertEquals(10, tenths.size());
    assertEquals(new DealsReport.Load(2, 133.33, 5, 5), tenths.get(4));
    assertEquals(new DealsReport.Load(2, 100, 10, 10), tenths.get(5));
  }

  @Test
  void fewDealsHaveFewerParts() {
    DealTimes times = new DealTimes(3);
    for (int i = 0; i < 3; i++) {
      times.note(i, i * MILLI, (i + 2) * MILLI);
    }

    assertEquals(List.of(1, 1, 1), times.tenths().stream().map(DealsReport.Load::deals).toList());
  }
}
