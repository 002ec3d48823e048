package io.sluice.cli;

import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.books.BookSheet;
import io.sluice.cli.books.FiatRates;
import io.sluice.cli.terminal.Table;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.Quantities;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.EvmAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code sluice books export}: the books deal by deal, for those who keep accounts. */
final class BooksExportCommand extends ServiceCommand {
  private boolean csv;
  private @Nullable Path out;
  private boolean force;
  private @Nullable LocalDate from;
  private @Nullable LocalDate to;
  private @Nullable Path rates;

  @Override
  void declare(Arguments arguments) {
    arguments
        .flag("--csv", value -> csv = value)
        .says("Write comma-separated values (RFC 4180), amounts as exact decimals.")
        .option("-o,--out=FILE", Path.class, value -> out = value)
        .says("With --csv: the file to make; default standard output.")
        .flag("--force", value -> force = value)
        .says("Replace the file if it is there.")
        .option("--from=DATE", LocalDate.class, value -> from = value)
        .says("Only deals that ended on that day (UTC) or later, such as 2026-11-01.")
        .option("--to=DATE", LocalDate.class, value -> to = value)
        .says("Only deals that ended on that day (UTC) or before.")
        .option("--rates=FILE", Path.class, value -> rates = value)
        .says(
            "With --csv: adds what it was worth, by a file of lines such as"
                + " 2026-11-28,FIL,3.52,EUR.");
  }

  @Override
  void run(NodeService service, Output output) throws Exception {
    if (!csv && (out != null || rates != null || force)) {
      throw new ServiceException(ErrorCode.USAGE, "--out, --force and --rates go with --csv");
    }
    Optional<FiatRates> worth = worth();
    List<Reports.BookEntryReport> rows =
        BookSheet.between(
            service.bookEntries(), Optional.ofNullable(from), Optional.ofNullable(to));
    if (!csv) {
      output.items(rows, table(rows, output.tokens()));
      return;
    }
    String sheet = new BookSheet(output.tokens(), worth).csv(rows);
    if (out == null) {
      print(sheet, rows, output);
      return;
    }
    Path file = Path.of(absolute(out));
    if (force) {
      Files.writeString(file, sheet);
    } else {
      Files.writeString(file, sheet, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }
    output.object(
        Map.of("out", file.toString(), "rows", rows.size()),
        List.of("%s in %s".formatted(Quantities.count(rows.size(), "row"), file)));
  }

  /** With {@code --json} the rows are the answer, whatever else is asked for. */
  private void print(String sheet, List<Reports.BookEntryReport> rows, Output output) {
    if (output.json()) {
      output.object(Map.of("items", rows), List.of());
      return;
    }
    surroundings().out().print(sheet);
    surroundings().out().flush();
  }

  private Optional<FiatRates> worth() throws ServiceException {
    Optional<String> text = textOf(rates, "the file of rates");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(FiatRates.parse(text.get()));
    } catch (IllegalArgumentException e) {
      throw new ServiceException(ErrorCode.BAD_RATES, "%s, %s".formatted(rates, e.getMessage()), e);
    }
  }

  private static Table table(List<Reports.BookEntryReport> rows, Tokens tokens) {
    Table table =
        new Table("nothing was paid", "TIME", "DEAL", "ROLE", "AMOUNT", "BYTES", "PEER", "CHANNEL")
            .figures("TIME", "AMOUNT", "BYTES");
    for (Reports.BookEntryReport row : rows) {
      EvmAddress token = row.token().map(EvmAddress::parse).orElse(EvmAddress.ZERO);
      table.row(
          row.time().orElse("-"),
          row.deal().orElse("-"),
          row.role(),
          tokens.show(row.amount(), token),
          Quantities.show(row.bytes()),
          row.peer(),
          row.channel());
    }
    return table;
  }
}
