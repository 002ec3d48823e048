package io.sluice.cli.bench;

import io.sluice.cli.terminal.Table;
import java.util.List;
import java.util.Locale;

/** Rates of importing, as people read them. */
final class ImportTables {
  private ImportTables() {}

  /** A row for each run. */
  static Table of(List<ImportBench.Rates> runs) {
    String[] all = {
      "IMPORT, MiB/s",
      "VERIFY",
      "SHA-256, ALL CORES",
      "DISK",
      "IMPORT OF ITS BOUND",
      "VERIFY OF SHA-256"
    };
    Table table = new Table("", all).figures(all);
    for (ImportBench.Rates run : runs) {
      table.row(
          figure("%.0f", run.importing()),
          figure("%.0f", run.verifying()),
          figure("%.0f", run.hashing()),
          figure("%.0f", run.writing()),
          figure("%.2f", run.importRatio()),
          figure("%.2f", run.verifyRatio()));
    }
    return table;
  }

  private static String figure(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
