package io.sluice.cli.bench;

import io.sluice.cli.terminal.Table;
import io.sluice.node.config.Quantities;
import java.util.List;
import java.util.Locale;

/** What came of a store, as people read it. */
final class StoreTables {
  private StoreTables() {}

  /** Lines and tables. */
  static List<Object> of(StoreReport report) {
    return List.of(
        "%d deals, %d at once, %d records each"
            .formatted(report.all().deals(), report.atOnce(), report.recordsPerDeal()),
        "",
        loads(report),
        "",
        "opened again in %.0f ms, empty in %.0f ms; %s for each deal"
            .formatted(
                report.openMillis(), report.emptyMillis(), Quantities.show(report.bytesPerDeal())),
        "one record after the other, each synced: %.0f a second; ours: %s of that"
            .formatted(
                report.appendsPerSecond(), String.format(Locale.ROOT, "%.2f", report.ratio())));
  }

  private static Table loads(StoreReport report) {
    String[] all = {"DEALS", "A SECOND", "RECORDS A SECOND", "P50, ms", "P99, ms"};
    Table table = new Table("", all).figures(all);
    for (DealsReport.Load tenth : report.tenths()) {
      row(table, tenth, report.recordsPerDeal());
    }
    return row(table, report.all(), report.recordsPerDeal());
  }

  private static Table row(Table table, DealsReport.Load load, int records) {
    return table.row(
        load.deals(),
        figure(load.perSecond()),
        figure(load.perSecond() * records),
        figure(load.p50Millis()),
        figure(load.p99Millis()));
  }

  private static String figure(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
