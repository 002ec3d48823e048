package io.sluice.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DealsTablesTest {
  private static final DealsReport REPORT =
      new DealsReport(
          4096,
          8,
          TokenAmount.of(1000),
          TokenAmount.of(4),
          new DealsReport.Load(10, 50, 100.5, 200),
          List.of(new DealsReport.Load(10, 50, 100.5, 200)),
          new DealsReport.Load(5, 25, 20, 30),
          List.of(
              new NodeState(
                  "provider",
                  10,
                  Optional.of(3L << 20),
                  Optional.of(40L),
                  Optional.empty(),
                  Optional.of(100L << 20),
                  Optional.of(1.25),
                  Optional.of(70L),
                  Optional.empty())),
          Map.of("tcpRoundTripsPerSecond", 1000.0),
          Map.of("tcpRoundTripsPerSecond", 0.05),
          books(60, 60));

  private static DealsReport.Books books(long spent, long earned) {
    return new DealsReport.Books(
        15, TokenAmount.of(60), TokenAmount.of(spent), TokenAmount.of(earned));
  }

  @Test
  void loadsHaveARowEachAndTheFullOneItsParts() {
    assertEquals(
        List.of(
            "LOAD      DEALS  A SECOND  P50, ms  P99, ms",
            "full      10     50.0      100.5    200.0",
            "  part 1  10     50.0      100.5    200.0",
            "half      5      25.0      20.0     30.0"),
        DealsTables.loads(REPORT).lines());
  }

  @Test
  void whatIsNotKnownOfANodeIsADash() {
    assertEquals(
        List.of(
            "NODE      AFTER DEALS  HEAP, MiB  RESIDENT, MiB  THREADS  HANDLES  CPU, s  RECORDS "
                + " SYNCS",
            "provider  10           3.0        100.0          40       -        1.3     70      "
                + " -"),
        DealsTables.nodes(REPORT.nodes()).lines());
  }

  @Test
  void booksAreExactOnlyWhereBothEndsSayWhatIsDue() {
    assertTrue(books(60, 60).exact());
    assertFalse(books(60, 59).exact());
    assertFalse(books(61, 60).exact());
  }
}
