package io.sluice.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VouchersTablesTest {
  private static final VouchersReport.Load LOAD = new VouchersReport.Load(10, 50, 100.5, 200);

  private static final VouchersReport REPORT =
      new VouchersReport(
          32,
          LOAD,
          List.of(LOAD),
          25,
          new VouchersReport.Load(5, 24.9, 30, 40),
          new VouchersReport.Costs(Optional.of(1.5), Optional.empty(), 3, 0.25, 2000),
          Map.of("tcpRoundTripsPerSecond", 1000.0),
          Map.of("tcpRoundTripsPerSecond", 0.05),
          new VouchersReport.Books(TokenAmount.of(60), TokenAmount.of(60)));

  @Test
  void whatIsNotKnownOfAProcessIsADash() {
    assertEquals(
        List.of(
            "EACH VOUCHER COST",
            "provider's CPU, ms      1.50",
            "clients' CPU, ms        -",
            "records of the journal  3.00",
            "syncs of the journal    0.25",
            "bytes of the journal    2000"),
        VouchersTables.costs(REPORT.costs()).lines());
  }

  @Test
  void whatWasWantedAtAPaceStandsBelowTheRest() {
    assertEquals(
        List.of(
            "LOAD                VOUCHERS  A SECOND  P50, ms  P99, ms",
            "all                 10        50.0      100.5    200.0",
            "  part 1            10        50.0      100.5    200.0",
            "25 wanted a second  5         24.9      30.0     40.0"),
        VouchersTables.loads(REPORT).lines());
  }

  /** Those of all clients together, in the order in which they were wanted. */
  @Test
  void vouchersOfAllClientsAreOrderedByWhenTheyWereWanted() {
    PayingClient.AnsweredVouchers one = new PayingClient.AnsweredVouchers();
    PayingClient.AnsweredVouchers other = new PayingClient.AnsweredVouchers();
    one.note(2_000_000, 3_000_000);
    one.note(3_000_000, 9_000_000);
    other.note(1_000_000, 6_000_000);

    DealTimes times = PayingClient.AnsweredVouchers.together(List.of(one, other));

    assertEquals(3, times.load().deals());
    assertEquals(
        List.of(5.0, 1.0, 6.0), times.tenths().stream().map(DealsReport.Load::p99Millis).toList());
  }
}
