package io.sluice.cli.terminal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Rows in columns as wide as their widest value. Where a window is narrower, names and ids are
 * shortened in their middle; figures never are.
 */
public final class Table {
  private static final String GAP = "  ";
  private static final String CUT = "…";
  private static final int LEAST = 11;
  private static final Pattern FIGURE = Pattern.compile("[0-9., KMGTiB-]*");

  private final List<List<String>> rows = new ArrayList<>();
  private final String whenEmpty;

  /** A table; {@code whenEmpty} is what is said in place of a table without rows. */
  public Table(String whenEmpty, String... headings) {
    this.whenEmpty = whenEmpty;
    rows.add(List.of(headings));
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
    boolean[] text = new boolean[widths.length];
    for (int i = 0; over > 0 && i < text.length; i++) {
      text[i] = isText(i);
    }
    while (over > 0) {
      int widest = widest(widths, text);
      if (widest < 0) {
        break; // figures only: the window has to wrap them
      }
      // One at a time, so that two wide columns share the loss.
      widths[widest]--;
      over--;
    }
    return widths;
  }

  private static long gaps(int[] widths) {
    return (long) GAP.length() * (widths.length - 1);
  }

  private static int widest(int[] widths, boolean[] text) {
    int widest = -1;
    for (int i = 0; i < widths.length; i++) {
      if (widths[i] > LEAST && (widest < 0 || widths[i] > widths[widest]) && text[i]) {
        widest = i;
      }
    }
    return widest;
  }

  private boolean isText(int column) {
    return rows.stream().skip(1).anyMatch(row -> !FIGURE.matcher(row.get(column)).matches());
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
