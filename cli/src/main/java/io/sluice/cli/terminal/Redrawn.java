package io.sluice.cli.terminal;

import java.io.PrintWriter;
import java.util.List;

/** Lines on a terminal that take the place of the lines before. */
public final class Redrawn {
  private final PrintWriter out;
  private int lines;

  /** Nothing is drawn yet. */
  public Redrawn(PrintWriter out) {
    this.out = out;
  }

  /** Draws lines where the ones before were. */
  public void draw(List<String> next) {
    if (lines > 0) {
      out.print("\u001b[" + lines + "A\u001b[J"); // up so many lines, and clear from there
    }
    next.forEach(out::println);
    out.flush();
    lines = next.size();
  }
}
