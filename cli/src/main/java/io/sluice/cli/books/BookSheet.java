package io.sluice.cli.books;

import io.sluice.node.api.Reports;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.EvmAddress;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Rows of the books as comma-separated values: amounts as exact decimals of their token, so that a
 * column of one token and one role adds up to what the books say.
 */
public final class BookSheet {
  private static final List<String> COLUMNS =
      List.of("date", "deal", "role", "peer", "bytes", "amount", "token", "channel", "transaction");

  private final Tokens tokens;
  private final Optional<FiatRates> rates;

  /**
   * @param tokens what amounts are shown in
   * @param rates fills two more columns, {@code value} and {@code currency}
   */
  public BookSheet(Tokens tokens, Optional<FiatRates> rates) {
    this.tokens = tokens;
    this.rates = rates;
  }

  /** The rows of these days, both included; what has no time is of none of them. */
  public static List<Reports.BookEntryReport> between(
      List<Reports.BookEntryReport> rows, Optional<LocalDate> from, Optional<LocalDate> to) {
    return rows.stream()
        .filter(
            row -> from.isEmpty() || day(row).filter(it -> !it.isBefore(from.get())).isPresent())
        .filter(row -> to.isEmpty() || day(row).filter(it -> !it.isAfter(to.get())).isPresent())
        .toList();
  }

  private static Optional<LocalDate> day(Reports.BookEntryReport row) {
    return row.time().map(time -> LocalDate.ofInstant(Instant.parse(time), ZoneOffset.UTC));
  }

  /** The heading and a line for each row. */
  public String csv(List<Reports.BookEntryReport> rows) {
    List<String> heading = new ArrayList<>(COLUMNS);
    if (rates.isPresent()) {
      heading.add("value");
      heading.add("currency");
    }
    StringBuilder text = new StringBuilder(Csv.line(heading));
    rows.forEach(row -> text.append(Csv.line(cells(row))));
    return text.toString();
  }

  private List<String> cells(Reports.BookEntryReport row) {
    EvmAddress address = row.token().map(EvmAddress::parse).orElse(EvmAddress.ZERO);
    Optional<Token> token = tokens.at(address);
    String amount =
        token.map(known -> known.decimal(row.amount().value())).orElse(row.amount().toString());
    List<String> cells =
        new ArrayList<>(
            List.of(
                row.time().orElse(""),
                row.deal().orElse(""),
                row.role(),
                row.peer(),
                Long.toString(row.bytes()),
                amount,
                token.map(Token::symbol).orElse(address.toString()),
                row.channel(),
                row.transaction().orElse("")));
    if (rates.isPresent()) {
      Optional<FiatRates.Rate> rate =
          token.flatMap(known -> day(row).flatMap(day -> rates.get().of(day, known.symbol())));
      cells.add(rate.map(it -> value(amount, it)).orElse(""));
      cells.add(rate.map(FiatRates.Rate::currency).orElse(""));
    }
    return cells;
  }

  /** Exact; whoever adds them up rounds once. */
  private static String value(String amount, FiatRates.Rate rate) {
    BigDecimal value = new BigDecimal(amount).multiply(rate.price());
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }
}
