package io.sluice.cli.bench;

import io.sluice.cli.terminal.Table;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What came of vouchers, as people read it. */
final class VouchersTables {
  private VouchersTables() {}

  /** Lines and tables. */
  static List<Object> of(VouchersReport report) {
    return List.of(
        "vouchers of %d clients, each on a channel of its own, a block for each"
            .formatted(report.clients()),
        "",
        loads(report),
        "",
        costs(report.costs()),
        "",
        against(report),
        "",
        "signed %s, earned %s"
            .formatted(
                DealsTables.PLAY.show(report.books().signed()),
                DealsTables.PLAY.show(report.books().earned())));
  }

  static Table loads(VouchersReport report) {
    String[] all = {"LOAD", "VOUCHERS", "A SECOND", "P50, ms", "P99, ms"};
    Table table = new Table("", all).figures(all);
    row(table, "all", report.all());
    int part = 0;
    for (VouchersReport.Load tenth : report.tenths()) {
      row(table, "  part %d".formatted(++part), tenth);
    }
    row(table, figure("%.0f wanted a second", report.pace()), report.atPace());
    return table;
  }

  private static void row(Table table, String name, VouchersReport.Load load) {
    table.row(
        name,
        load.vouchers(),
        figure("%.1f", load.perSecond()),
        figure("%.1f", load.p50Millis()),
        figure("%.1f", load.p99Millis()));
  }

  static Table costs(VouchersReport.Costs costs) {
    String[] all = {"EACH VOUCHER COST", ""};
    return new Table("", all)
        .figures(all)
        .row("provider's CPU, ms", known(costs.providerCpuMillis()))
        .row("clients' CPU, ms", known(costs.clientCpuMillis()))
        .row("records of the journal", figure("%.2f", costs.records()))
        .row("syncs of the journal", figure("%.2f", costs.syncs()))
        .row("bytes of the journal", figure("%.0f", costs.journalBytes()));
  }

  static Table against(VouchersReport report) {
    String[] all = {"AGAINST", "ITS A SECOND", "VOUCHERS FOR EACH"};
    Table table = new Table("", all).figures(all);
    report
        .against()
        .forEach(
            (name, rate) ->
                table.row(name, figure("%.0f", rate), figure("%.4f", report.ratios().get(name))));
    return table;
  }

  private static String known(Optional<Double> value) {
    return value.map(it -> figure("%.2f", it)).orElse("-");
  }

  private static String figure(String format, Object value) {
    return String.format(Locale.ROOT, format, value);
  }
}
