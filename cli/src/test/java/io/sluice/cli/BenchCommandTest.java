package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice bench}: that everything is measured; how fast it was is nothing to test. */
class BenchCommandTest {
  @TempDir Path folder;

  @Test
  @Tag("long") // starts processes
  void givenPaidContent_whenMeasured_thenAllFiguresAndRatiosAreThere() {
    JsonNode report =
        new TestShell(folder)
            .ok(
                "bench",
                "retrieve",
                "--size",
                "1MiB",
                "--chunk",
                "64KiB",
                "--price",
                "1000",
                "--interval",
                "256KiB",
                "--rtt",
                "2",
                "--runs",
                "1",
                "--json")
            .json();

    assertEquals("1048576", report.get("bytes").asText());
    JsonNode ours = report.at("/measured/0");
    assertEquals("sluice", ours.get("what").asText());
    List<String> figures = new ArrayList<>();
    ours.get("median").fieldNames().forEachRemaining(figures::add);
    assertEquals(
        List.of(
            "wallSeconds",
            "mibPerSecond",
            "transferMibPerSecond",
            "firstByteMillis",
            "blocksPerSecond",
            "clientCpuSeconds",
            "clientCpuSecondsPerGib",
            "providerCpuSeconds",
            "providerCpuSecondsPerGib",
            "clientPeakMib",
            "providerPeakMib",
            "vouchers",
            "stalledSeconds",
            "wireBytesPerByte"),
        figures);
    assertTrue(ours.at("/median/vouchers").asDouble() > 1);
    double stalled = ours.at("/median/stalledSeconds").asDouble();
    assertTrue(stalled >= 0 && stalled < ours.at("/median/wallSeconds").asDouble());
    double wire = ours.at("/median/wireBytesPerByte").asDouble();
    assertTrue(wire > 1 && wire < 1.2, () -> wire + " bytes a byte");
    List<String> others = new ArrayList<>();
    for (JsonNode measured : report.get("measured")) {
      if (measured.at("/ratios/mibPerSecond").asDouble() > 0) {
        others.add(measured.get("what").asText());
      }
    }
    assertEquals(List.of("TCP", "TLS", "SHA-256, one core", "HTTP, hash checked"), others);
  }

  @Test
  void givenColdAndWarm_thenRefused() {
    assertEquals(2, new TestShell(folder).run("bench", "retrieve", "--cold", "--warm").exit());
  }

  @Test
  @Tag("long") // starts processes
  void givenPaidDeals_whenMeasured_thenBothBooksAreExact() {
    JsonNode report =
        new TestShell(folder)
            .ok("bench", "deals", "--deals", "12", "--at-once", "3", "--json")
            .json();

    assertEquals("4", report.get("paidPerDeal").asText()); // 4 KiB at 1000 a MiB, rounded up
    for (String sum : List.of("due", "spent", "earned")) {
      assertEquals("72", report.at("/books/" + sum).asText(), sum); // 12, and 6 at half load
    }
    assertEquals(12, report.at("/full/deals").asInt());
    assertEquals(6, report.at("/half/deals").asInt());
    assertEquals(10, report.get("tenths").size());
    assertEquals(6, report.get("nodes").size());
    assertTrue(report.at("/ratios/durableAppendsPerSecond").asDouble() > 0);
  }

  @Test
  void givenNoDeals_thenRefused() {
    assertEquals(2, new TestShell(folder).run("bench", "deals", "--deals", "0").exit());
  }

  @Test
  @Tag("long") // starts a process
  void givenPayingClients_whenMeasured_thenEachVoucherIsAnsweredAndEarned() {
    JsonNode report =
        new TestShell(folder)
            .ok("bench", "vouchers", "--clients", "3", "--seconds", "4", "--rate", "2", "--json")
            .json();

    assertTrue(report.at("/all/vouchers").asInt() >= 3);
    assertEquals(2, report.at("/pace").asDouble());
    assertTrue(report.at("/atPace/vouchers").asInt() >= 3, "two a second for four seconds");
    assertTrue(report.at("/atPace/perSecond").asDouble() < 3, "and no more");
    assertTrue(report.at("/costs/records").asDouble() >= 1, "each voucher is a record");
    assertEquals(report.at("/books/signed").asText(), report.at("/books/earned").asText());
    for (String yardstick :
        List.of("durableAppendsPerSecond", "signedAndCheckedPerSecond", "tcpRoundTripsPerSecond")) {
      assertTrue(report.at("/ratios/" + yardstick).asDouble() > 0, yardstick);
    }
  }

  @Test
  void givenNoClients_thenRefused() {
    assertEquals(2, new TestShell(folder).run("bench", "vouchers", "--clients", "0").exit());
    assertEquals(2, new TestShell(folder).run("bench", "vouchers", "--rate", "0").exit());
  }

  @Test
  @Tag("long") // hashes and writes for seconds
  void givenAFile_whenItsImportIsMeasured_thenRatesAndRatiosAreThere() {
    JsonNode report =
        new TestShell(folder)
            .ok("bench", "import", "--size", "4MiB", "--runs", "1", "--json")
            .json();

    assertEquals(1, report.get("runs").size());
    for (String rate : List.of("importing", "verifying", "hashing", "writing")) {
      assertTrue(report.at("/runs/0/" + rate).asDouble() > 0, rate);
    }
  }

  @Test
  void givenDealsWithoutANetwork_whenTheyAreStored_thenAllOfThemAreMeasured() {
    JsonNode report =
        new TestShell(folder)
            .ok("bench", "store", "--deals", "40", "--at-once", "4", "--json")
            .json();

    assertEquals(40, report.at("/all/deals").asInt());
    assertEquals(10, report.get("tenths").size());
    for (String figure : List.of("bytesPerDeal", "openMillis", "emptyMillis", "ratio")) {
      assertTrue(report.get(figure).asDouble() > 0, figure);
    }
  }
}
