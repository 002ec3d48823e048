package io.sluice.cli.terminal;

import io.sluice.node.api.Reports;
import io.sluice.node.config.Quantities;
import io.sluice.protocol.Ticker;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * Shows a transfer on standard error: one line that is written over on a terminal, a line per phase
 * elsewhere, nothing if that is wished. Rate and time left are those of the last seconds. The line
 * is never wider than the window, or writing over it would leave its rest behind.
 */
public final class ProgressBar implements AutoCloseable {
  private static final int WIDEST_BAR = 24;
  private static final int LEAST_BAR = 6;
  private static final double SMOOTHING = 0.3;

  private final PrintWriter err;
  private final int columns;
  private final boolean quiet;
  private final Function<Reports.ProgressReport, String> money;
  private String said = "";
  private long lastNanos;
  private long lastBytes;
  private double rate;
  private int shown;

  /**
   * @param columns of the window; 0 if there is none
   * @param quiet whether nothing is shown
   * @param money how what was paid is shown
   */
  public ProgressBar(
      PrintWriter err, int columns, boolean quiet, Function<Reports.ProgressReport, String> money) {
    this.money = money;
    this.err = err;
    this.columns = columns;
    this.quiet = quiet;
  }

  /** Shows where it stands now. */
  public synchronized void show(Reports.ProgressReport progress) {
    if (quiet) {
      return;
    }
    if (columns == 0) {
      boolean nothingYet = progress.bytes() == 0 && progress.note().isEmpty();
      if (!nothingYet && !note(progress).equals(said)) {
        said = note(progress);
        err.println(said);
        err.flush();
      }
      return;
    }
    measure(progress.bytes());
    String line = line(progress, money, rate, columns - 1); // a full line would move the cursor on
    err.print("\r" + line + " ".repeat(Math.max(0, shown - line.length())));
    err.flush();
    shown = line.length();
  }

  private static String note(Reports.ProgressReport progress) {
    return progress.note().isEmpty() ? progress.phase() : progress.phase() + ": " + progress.note();
  }

  private void measure(long bytes) {
    long now = Ticker.SYSTEM.nanos();
    if (lastNanos != 0 && now > lastNanos) {
      double current = (bytes - lastBytes) * 1e9 / (now - lastNanos);
      rate = rate == 0 ? current : rate + SMOOTHING * (current - rate);
    }
    lastNanos = now;
    lastBytes = bytes;
  }

  /** What matters most comes first, and the rest as far as there is room for it. */
  static String line(
      Reports.ProgressReport progress,
      Function<Reports.ProgressReport, String> money,
      double rate,
      int width) {
    if (progress.bytes() == 0) {
      String note = note(progress);
      return note.length() <= width ? note : note.substring(0, width - 1) + "…";
    }
    Optional<Long> total = progress.total().filter(size -> size > 0);
    StringBuilder line = new StringBuilder();
    total.ifPresent(
        size -> line.append(Math.min(100, 100 * progress.bytes() / size)).append(" %  "));
    line.append(Quantities.show(progress.bytes()));
    append(line, "  paid " + money.apply(progress), width);
    append(line, "  " + Quantities.show((long) Math.max(0, rate)) + "/s", width);
    if (total.isPresent() && rate > 1) {
      long left = (long) (Math.max(0, total.get() - progress.bytes()) / rate);
      append(line, "  " + left(Duration.ofSeconds(left)), width);
    }
    int bar = Math.min(WIDEST_BAR, width - line.length() - "[] ".length());
    if (total.isPresent() && bar >= LEAST_BAR) {
      int full = (int) Math.min(bar, bar * progress.bytes() / total.get());
      line.insert(0, "[" + "#".repeat(full) + ".".repeat(bar - full) + "] ");
    }
    return line.toString();
  }

  private static void append(StringBuilder line, String part, int width) {
    if (line.length() + part.length() <= width) {
      line.append(part);
    }
  }

  private static String left(Duration time) {
    return time.toHours() > 0
        ? "%d:%02d:%02d left".formatted(time.toHours(), time.toMinutesPart(), time.toSecondsPart())
        : "%d:%02d left".formatted(time.toMinutes(), time.toSecondsPart());
  }

  @Override
  public void close() {
    end();
  }

  /** Ends the line that was written over. */
  public synchronized void end() {
    if (shown > 0) {
      err.println();
      err.flush();
      shown = 0;
    }
  }
}
