package io.sluice.cli.terminal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Rows in columns as wide as their widest value. Where a window is narrower, names and ids are
 * shortened in their middle; the columns that are said to hold figures never are.
 */
public final class Table {
  private static final String GAP = "  ";
  private static final String CUT = "…";

  /** To how many characters a column is shortened, and to how many where that is too wide. */
  private static final List<Integer> LEAST = List.of(11, 6);

  private final List<List<String>> rows = new ArrayList<>();
  private final String whenEmpty;
  private final Set<String> figures = new HashSet<>();

  /** A table; {@code whenEmpty} is what is said in place of a table without rows. */
  public Table(String whenEmpty, String... headings) {
    this.whenEmpty = whenEmpty;
    rows.add(List.of(headings));
  }

  /** Names the columns whose values are never shortened. */
  public Table figures(String... headings) {
    figures.addAll(List.of(headings));
    return this;
  }

  /** Adds a row, a value for each heading. */
  public Table row(Object... values) {
    rows.add(Arrays.stream(values).map(String::valueOf).toList());
    return this;
  }

  /** The whole table. */
  public List<String> lines() {
    return lines(Integer.MAX_VALUE);
  }

  /** The table in so many columns, as far as it can be. */
  public List<String> lines(int columns) {
    if (rows.size() == 1) {
      return List.of(whenEmpty);
    }
    int[] widths = widths(columns);
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String value = cut(row.get(i), widths[i]);
        line.append(i == 0 ? "" : GAP).append(value).repeat(' ', widths[i] - value.length());
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  /** Whether something would be shortened in so many columns. */
  public boolean isCut(int columns) {
    return rows.size() > 1 && !Arrays.equals(widths(columns), widths(Integer.MAX_VALUE));
  }

  private int[] widths(int columns) {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    long over = Arrays.stream(widths).asLongStream().sum() + gaps(widths) - columns;
    for (int least : LEAST) {
      for (int widest = widest(widths, least); over > 0 && widest >= 0; over--) {
        // One at a time, so that two wide columns share the loss.
        widths[widest]--;
        widest = widest(widths, least);
      }
    }
    return widths; // where figures alone are too wide, the window has to wrap them
  }

  private static long gaps(int[] widths) {
    return (long) GAP.length() * (widths.length - 1);
  }

  private int widest(int[] widths, int least) {
    int widest = -1;
    for (int i = 0; i < widths.length; i++) {
      boolean can = widths[i] > least && !figures.contains(rows.getFirst().get(i));
      if (can && (widest < 0 || widths[i] > widths[widest])) {
        widest = i;
      }
    }
    return widest;
  }

  private static String cut(String value, int width) {
    if (value.length() <= width) {
      return value;
    }
    int end = (width - CUT.length()) / 2;
    int start = width - CUT.length() - end;
    return value.substring(0, start) + CUT + value.substring(value.length() - end);
  }
}
