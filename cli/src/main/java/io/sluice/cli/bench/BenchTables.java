package io.sluice.cli.bench;

import io.sluice.cli.terminal.Table;
import io.sluice.node.config.Quantities;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A report as people read it: what was done, our figures, and what they are measured against. */
final class BenchTables {
  private static final String UNKNOWN = "-";

  /** The columns of ratios, with their headings. */
  private static final Map<Figure, String> RATIOS =
      new EnumMap<>(
          Map.of(
              Figure.RATE, "WHOLE",
              Figure.TRANSFER, "1ST-LAST",
              Figure.BLOCKS, "BLOCKS",
              Figure.CLIENT_CPU, "CLIENT CPU",
              Figure.CLIENT_PEAK, "MEMORY"));

  private BenchTables() {}

  /** Lines and tables. */
  static List<Object> of(BenchReport report) {
    return List.of(
        title(report),
        "",
        runs(report.measured().getFirst()),
        "",
        "sluice's medians divided by the medians of others:",
        ratios(report));
  }

  static String title(BenchReport report) {
    return "%s in %s, %s, %s, %s%s; %s"
        .formatted(
            Quantities.show(report.bytes()),
            Quantities.count(report.files(), "file"),
            Quantities.count(report.clients(), "client"),
            report.pricePerMiB().isZero()
                ? "free"
                : DealsTables.PLAY.show(report.pricePerMiB()) + " per MiB",
            report.warm() ? "warm" : "cold",
            report.rttMillis() == 0 ? "" : ", %d ms a round trip".formatted(report.rttMillis()),
            Quantities.count(report.measured().getFirst().runs().size(), "run"));
  }

  /** A row for each figure that is known, a column for each run. */
  static Table runs(BenchReport.Measured ours) {
    List<String> headings = new ArrayList<>(List.of(ours.what().toUpperCase(Locale.ROOT)));
    for (int run = 1; run <= ours.runs().size(); run++) {
      headings.add("RUN " + run);
    }
    headings.add("MEDIAN");
    String[] all = headings.toArray(String[]::new);
    Table table = new Table("nothing was measured", all).figures(all);
    for (Figure figure : Figure.values()) {
      if (ours.median().containsKey(figure.member())) {
        List<Object> row = new ArrayList<>(List.of(figure.label()));
        ours.runs().forEach(run -> row.add(text(figure, run)));
        row.add(text(figure, ours.median()));
        table.row(row.toArray());
      }
    }
    return table;
  }

  /** A row for each of the others. */
  static Table ratios(BenchReport report) {
    List<String> headings = new ArrayList<>(List.of("AGAINST", "ITS MiB/s"));
    headings.addAll(RATIOS.values());
    headings.add("FAILED");
    String[] all = headings.toArray(String[]::new);
    Table table = new Table("nothing to measure against", all).figures(all);
    for (BenchReport.Measured other : report.measured()) {
      if (!other.ratios().isEmpty() || !other.failures().isEmpty()) {
        List<Object> row =
            new ArrayList<>(List.of(other.what(), text(Figure.RATE, other.median())));
        RATIOS.keySet().forEach(figure -> row.add(ratio(other.ratios().get(figure.member()))));
        row.add(other.failures().isEmpty() ? UNKNOWN : other.failures().size());
        table.row(row.toArray());
      }
    }
    return table;
  }

  private static String text(Figure figure, Map<String, Double> values) {
    Double value = values.get(figure.member());
    return value == null ? UNKNOWN : figure.text(value);
  }

  private static String ratio(@Nullable Double ratio) {
    return ratio == null ? UNKNOWN : String.format(Locale.ROOT, "%.2f", ratio);
  }
}
