package io.sluice.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows in columns as wide as their widest value. */
final class Table {
  private final List<List<String>> rows = new ArrayList<>();
  private final String whenEmpty;

  /** A table; {@code whenEmpty} is what is said in place of a table without rows. */
  Table(String whenEmpty, String... headings) {
    this.whenEmpty = whenEmpty;
    rows.add(List.of(headings));
  }

  Table row(Object... values) {
    List<String> row = new ArrayList<>();
    for (Object value : values) {
      row.add(String.valueOf(value));
    }
    rows.add(row);
    return this;
  }

  List<String> lines() {
    if (rows.size() == 1) {
      return List.of(whenEmpty);
    }
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        line.append(i == 0 ? "" : "  ").append(row.get(i));
        line.repeat(' ', widths[i] - row.get(i).length());
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
