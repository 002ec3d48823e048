package io.sluice.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BenchTablesTest {
  private static final BenchReport REPORT =
      new BenchReport(
          64 << 20,
          1,
          2,
          TokenAmount.of(1000),
          Optional.empty(),
          80,
          false,
          List.of(
              new BenchReport.Measured(
                  "sluice",
                  List.of(Map.of("wallSeconds", 1.234), Map.of("vouchers", 3.0)),
                  List.of(),
                  Map.of("wallSeconds", 1.234, "vouchers", 3.0),
                  Map.of()),
              new BenchReport.Measured(
                  "gopeer",
                  List.of(),
                  List.of("it hung", "it hung"),
                  Map.of("mibPerSecond", 100.0),
                  Map.of("mibPerSecond", 0.5, "clientCpuSeconds", 2.0)),
              new BenchReport.Measured(
                  "gopeer from sluice", List.of(), List.of("no"), Map.of(), Map.of())));

  @Test
  void titleSaysWhatWasDone() {
    assertEquals(
        "64 MiB in 1 file, 2 clients, 0.000000000000001 PLAY per MiB, cold, 80 ms a round trip; 2"
            + " runs",
        BenchTables.title(REPORT));
  }

  @Test
  void oursHasARowForEachFigureAndAColumnForEachRun() {
    assertEquals(
        List.of(
            "SLUICE            RUN 1  RUN 2  MEDIAN",
            "Enter to exit, s  1.23   -      1.23",
            "vouchers          -      3      3"),
        BenchTables.runs(REPORT.measured().getFirst()).lines());
  }

  @Test
  void othersHaveARowOfRatiosEach() {
    assertEquals(
        List.of(
            "AGAINST             ITS MiB/s  WHOLE  1ST-LAST  BLOCKS  CLIENT CPU  MEMORY  FAILED",
            "gopeer              100.0      0.50   -         -       2.00        -       2",
            "gopeer from sluice  -          -      -         -       -           -       1"),
        BenchTables.ratios(REPORT).lines());
  }

  /** What others do among themselves is no failure of ours. */
  @Test
  void failuresAreThoseInWhichOursHadAPart() {
    assertEquals(List.of("gopeer from sluice: no"), REPORT.failures());
  }
}
