package io.sluice.cli;

import io.sluice.node.api.Reports;
import io.sluice.node.config.Quantities;
import io.sluice.protocol.Ticker;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * Shows a transfer on standard error: one line that is written over on a terminal, a line per phase
 * elsewhere. Rate and time left are those of the last seconds.
 */
final class ProgressBar implements AutoCloseable {
  private static final int WIDTH = 24;
  private static final double SMOOTHING = 0.3;

  private final CommandEnvironment surroundings;
  private String said = "";
  private long lastNanos;
  private long lastBytes;
  private double rate;
  private int shown;

  ProgressBar(CommandEnvironment surroundings) {
    this.surroundings = surroundings;
  }

  synchronized void show(Reports.ProgressReport progress) {
    if (!surroundings.terminal()) {
      boolean nothingYet = progress.bytes() == 0 && progress.note().isEmpty();
      if (!nothingYet && !note(progress).equals(said)) {
        said = note(progress);
        surroundings.err().println(said);
        surroundings.err().flush();
      }
      return;
    }
    measure(progress.bytes());
    String line = line(progress);
    surroundings.err().print("\r" + line + " ".repeat(Math.max(0, shown - line.length())));
    surroundings.err().flush();
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

  private String line(Reports.ProgressReport progress) {
    if (progress.bytes() == 0) {
      return note(progress);
    }
    StringBuilder line = new StringBuilder();
    Optional<Long> total = progress.total().filter(size -> size > 0);
    if (total.isPresent()) {
      int full = (int) Math.min(WIDTH, WIDTH * progress.bytes() / total.get());
      line.append('[')
          .repeat('#', full)
          .repeat('.', WIDTH - full)
          .append("] ")
          .append(Math.min(100, 100 * progress.bytes() / total.get()))
          .append(" %  ");
    }
    line.append(Quantities.show(progress.bytes()));
    line.append(String.format(Locale.ROOT, "  %s/s", Quantities.show((long) Math.max(0, rate))));
    line.append("  paid ").append(progress.paid());
    if (total.isPresent() && rate > 1) {
      long left = (long) (Math.max(0, total.get() - progress.bytes()) / rate);
      line.append("  ").append(left(Duration.ofSeconds(left)));
    }
    return line.toString();
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
  synchronized void end() {
    if (shown > 0) {
      surroundings.err().println();
      surroundings.err().flush();
      shown = 0;
    }
  }
}
