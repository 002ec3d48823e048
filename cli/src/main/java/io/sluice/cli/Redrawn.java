package io.sluice.cli;

import java.io.PrintWriter;
import java.util.List;

/** Lines on a terminal that take the place of the lines before. */
final class Redrawn {
  private final PrintWriter out;
  private int lines;

  Redrawn(PrintWriter out) {
    this.out = out;
  }

  void draw(List<String> next) {
    if (lines > 0) {
      out.print("\u001b[" + lines + "A\u001b[J"); // up so many lines, and clear from there
    }
    next.forEach(out::println);
    out.flush();
    lines = next.size();
  }
}
