package io.sluice.cli;

import io.sluice.cli.terminal.Table;
import io.sluice.node.api.Reports;
import io.sluice.node.config.Quantities;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Transfers at one moment.
 *
 * @param at that moment
 * @param rates bytes a second since the moment before, by transfer; where there was none, the rate
 *     since the transfer was opened is shown
 */
record TransferRows(List<Reports.TransferReport> transfers, Instant at, Map<String, Long> rates) {
  private static final String NONE = "-";

  /** The next moment, with the rates since this one. */
  TransferRows then(List<Reports.TransferReport> next, Instant now) {
    Map<String, Long> before = new HashMap<>();
    transfers.forEach(each -> before.put(each.id(), flowed(each)));
    Map<String, Long> since = new HashMap<>();
    for (Reports.TransferReport each : next) {
      Long bytes = before.get(each.id());
      if (bytes != null) {
        since.put(each.id(), perSecond(flowed(each) - bytes, Duration.between(at, now)));
      }
    }
    return new TransferRows(next, now, since);
  }

  private static long flowed(Reports.TransferReport transfer) {
    return transfer.sent() + transfer.received();
  }

  private static long perSecond(long bytes, Duration time) {
    return Math.max(0, bytes) * 1000 / Math.max(1, time.toMillis());
  }

  /** All of them, as last told. */
  Table table() {
    Table table =
        new Table(
                "no transfers yet",
                "ID",
                "ROLE",
                "DIRECTION",
                "PEER",
                "STATUS",
                "SENT",
                "RECEIVED",
                "RATE",
                "AGE",
                "ROOT")
            .figures("SENT", "RECEIVED", "RATE", "AGE");
    for (Reports.TransferReport each : transfers) {
      table.row(
          each.id(),
          each.role(),
          each.direction(),
          each.peer(),
          each.status(),
          Quantities.show(each.sent()),
          Quantities.show(each.received()),
          rate(each),
          each.started().map(start -> age(since(start))).orElse(NONE),
          each.root());
    }
    return table;
  }

  private Duration since(String start) {
    Duration age = Duration.between(Instant.parse(start), at);
    return age.isNegative() ? Duration.ZERO : age;
  }

  private String rate(Reports.TransferReport transfer) {
    if (transfer.ended() || transfer.started().isEmpty()) {
      return NONE;
    }
    Long measured = rates.get(transfer.id());
    long rate =
        measured != null ? measured : perSecond(flowed(transfer), since(transfer.started().get()));
    return Quantities.show(rate) + "/s";
  }

  /** In the one unit that says most. */
  static String age(Duration age) {
    if (age.toMinutes() < 2) {
      return age.toSeconds() + " s";
    }
    if (age.toHours() < 2) {
      return age.toMinutes() + " min";
    }
    return age.toDays() < 2 ? age.toHours() + " h" : age.toDays() + " d";
  }
}
