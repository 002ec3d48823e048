package io.sluice.cli.books;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Comma-separated values. Spec: RFC 4180, section 2: lines end with CR LF; a cell with a comma, a
 * quote or a line end stands in quotes, quotes in it twice.
 */
final class Csv {
  private static final String END = "\r\n";

  private Csv() {}

  static String line(List<String> cells) {
    return cells.stream().map(Csv::cell).collect(Collectors.joining(",", "", END));
  }

  private static String cell(String text) {
    String safe = isFormula(text) ? "'" + text : text;
    return safe.chars().anyMatch(character -> ",\"\r\n".indexOf(character) >= 0)
        ? '"' + safe.replace("\"", "\"\"") + '"'
        : safe;
  }

  /** Programs for sheets calculate what begins so, and a peer may have chosen the text. */
  private static boolean isFormula(String text) {
    return !text.isEmpty() && "=+-@\t\r\n".indexOf(text.charAt(0)) >= 0;
  }
}
