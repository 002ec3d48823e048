package io.sluice.cli.books;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What tokens were worth in a currency of the state, day by day: lines of {@code
 * date,token,rate,currency}, such as {@code 2026-11-28,FIL,3.52,EUR}. The rate is the price of one
 * whole token.
 */
public final class FiatRates {
  private static final String HEADING = "date,token,rate,currency";
  private static final Pattern RATE = Pattern.compile("[0-9]{1,30}(?:\\.[0-9]{1,30})?");
  private static final Pattern CURRENCY = Pattern.compile("[A-Za-z]{3,8}");

  /** A price of one whole token. */
  record Rate(BigDecimal price, String currency) {}

  private record DayOf(LocalDate day, String token) {}

  private final Map<DayOf, Rate> rates = new HashMap<>();

  private FiatRates() {}

  /** No rates at all. */
  public static FiatRates none() {
    return new FiatRates();
  }

  /**
   * Reads lines; the heading may stand first, empty lines count for nothing.
   *
   * @throws IllegalArgumentException with the number of the line that is wrong, and why
   */
  public static FiatRates parse(String text) {
    FiatRates all = new FiatRates();
    List<String> lines = text.lines().map(String::strip).toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isEmpty() || (i == 0 && line.equalsIgnoreCase(HEADING))) {
        continue;
      }
      try {
        all.add(line);
      } catch (DateTimeException | IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "line %d: %s; expected %s, such as 2026-11-28,FIL,3.52,EUR"
                .formatted(i + 1, e.getMessage(), HEADING),
            e);
      }
    }
    return all;
  }

  private void add(String line) {
    String[] cells = line.split(",", -1);
    if (cells.length != 4) {
      throw new IllegalArgumentException("%d cells, not 4".formatted(cells.length));
    }
    LocalDate day = LocalDate.parse(cells[0].strip());
    String token = cells[1].strip();
    String rate = cells[2].strip();
    String currency = cells[3].strip();
    if (token.isEmpty()) {
      throw new IllegalArgumentException("no token");
    }
    if (!RATE.matcher(rate).matches()) {
      throw new IllegalArgumentException("'%s' is not a rate".formatted(rate));
    }
    if (!CURRENCY.matcher(currency).matches()) {
      throw new IllegalArgumentException("'%s' is not a currency".formatted(currency));
    }
    Rate before = rates.put(key(day, token), new Rate(new BigDecimal(rate), currency));
    if (before != null) {
      throw new IllegalArgumentException("a second rate of %s on %s".formatted(token, day));
    }
  }

  private static DayOf key(LocalDate day, String token) {
    return new DayOf(day, token.toUpperCase(Locale.ROOT));
  }

  /** The rate of a day, if the lines have one. */
  Optional<Rate> of(LocalDate day, String token) {
    return Optional.ofNullable(rates.get(key(day, token)));
  }
}
