package io.sluice.cli.bench;

import io.sluice.cli.terminal.Table;
import io.sluice.node.config.Quantities;
import io.sluice.payments.ledger.embedded.EmbeddedLedger;
import io.sluice.payments.token.Token;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What came of small deals, as people read it. */
final class DealsTables {
  /** What is paid in on the ledger of a benchmark. */
  static final Token PLAY = Token.coinOf(EmbeddedLedger.FACTS);

  private DealsTables() {}

  /** Lines and tables. */
  static List<Object> of(DealsReport report) {
    DealsReport.Books books = report.books();
    return List.of(
        "deals of %s, %s per MiB, %d at once; %s each"
            .formatted(
                Quantities.show(report.bytes()),
                PLAY.show(report.pricePerMiB()),
                report.atOnce(),
                PLAY.show(report.paidPerDeal())),
        "",
        loads(report),
        "",
        nodes(report.nodes()),
        "",
        against(report),
        "",
        "%d deals: due %s, spent %s, earned %s"
            .formatted(
                books.deals(),
                PLAY.show(books.due()),
                PLAY.show(books.spent()),
                PLAY.show(books.earned())));
  }

  static Table loads(DealsReport report) {
    String[] all = {"LOAD", "DEALS", "A SECOND", "P50, ms", "P99, ms"};
    Table table = new Table("", all).figures(all);
    row(table, "full", report.full());
    int part = 0;
    for (DealsReport.Load tenth : report.tenths()) {
      row(table, "  part %d".formatted(++part), tenth);
    }
    row(table, "half", report.half());
    return table;
  }

  private static void row(Table table, String name, DealsReport.Load load) {
    table.row(
        name,
        load.deals(),
        figure("%.1f", load.perSecond()),
        figure("%.1f", load.p50Millis()),
        figure("%.1f", load.p99Millis()));
  }

  static Table nodes(List<NodeState> states) {
    String[] all = {
      "NODE",
      "AFTER DEALS",
      "HEAP, MiB",
      "RESIDENT, MiB",
      "THREADS",
      "HANDLES",
      "CPU, s",
      "RECORDS",
      "SYNCS"
    };
    Table table = new Table("", all).figures(all);
    for (NodeState state : states) {
      table.row(
          state.role(),
          state.deals(),
          mib(state.heapBytes()),
          mib(state.residentBytes()),
          known(state.threads()),
          known(state.handles()),
          state.cpuSeconds().map(it -> figure("%.1f", it)).orElse("-"),
          known(state.records()),
          known(state.syncs()));
    }
    return table;
  }

  static Table against(DealsReport report) {
    String[] all = {"AGAINST", "ITS A SECOND", "DEALS FOR EACH"};
    Table table = new Table("", all).figures(all);
    report
        .against()
        .forEach(
            (name, rate) ->
                table.row(name, figure("%.0f", rate), figure("%.4f", report.ratios().get(name))));
    return table;
  }

  private static String mib(Optional<Long> bytes) {
    return bytes.map(it -> figure("%.1f", it / (double) (1 << 20))).orElse("-");
  }

  private static String known(Optional<Long> value) {
    return value.map(String::valueOf).orElse("-");
  }

  private static String figure(String format, Object value) {
    return String.format(Locale.ROOT, format, value);
  }
}
