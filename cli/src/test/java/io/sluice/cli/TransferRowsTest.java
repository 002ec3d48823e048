package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.cli.terminal.Redrawn;
import io.sluice.node.api.Reports;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TransferRowsTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private static Reports.TransferReport transfer(long sent, long received, boolean ended) {
    return new Reports.TransferReport(
        "t-1",
        "initiator",
        "pull",
        "peer",
        "root",
        "ONGOING",
        sent,
        received,
        0,
        Optional.empty(),
        "Ticket/1",
        0,
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(START.toString()),
        ended,
        List.of());
  }

  private static String only(TransferRows table) {
    return table.table().lines().get(1);
  }

  @Test
  void givenOneMoment_thenTheRateIsThatSinceItWasOpened() {
    var table =
        new TransferRows(List.of(transfer(0, 10 << 20, false)), START.plusSeconds(10), Map.of());

    assertTrue(only(table).contains("10 MiB    1 MiB/s  10 s"), only(table));
  }

  @Test
  void givenTwoMoments_thenTheRateIsThatBetweenThem() {
    var before =
        new TransferRows(List.of(transfer(1 << 20, 0, false)), START.plusSeconds(10), Map.of());

    var now = before.then(List.of(transfer(5 << 20, 0, false)), START.plusSeconds(12));

    assertTrue(only(now).contains("2 MiB/s"), only(now));
  }

  @Test
  void givenTransferThatHasEnded_thenNothingFlows() {
    var table = new TransferRows(List.of(transfer(5, 0, true)), START.plusSeconds(1), Map.of());

    assertTrue(only(table).contains("  -  "), only(table));
  }

  @Test
  void agesAreInTheUnitThatSaysMost() {
    assertEquals("119 s", TransferRows.age(Duration.ofSeconds(119)));
    assertEquals("2 min", TransferRows.age(Duration.ofMinutes(2)));
    assertEquals("2 h", TransferRows.age(Duration.ofHours(2)));
    assertEquals("3 d", TransferRows.age(Duration.ofDays(3)));
  }

  @Test
  void givenLinesBefore_whenDrawnAnew_thenTheyAreTakenBack() {
    StringWriter written = new StringWriter();
    Redrawn drawn = new Redrawn(new PrintWriter(written));

    drawn.draw(List.of("one", "two"));
    drawn.draw(List.of("three"));

    assertEquals("one\ntwo\n\u001b[2A\u001b[Jthree\n", written.toString().replace("\r", ""));
  }
}
