package io.sluice.cli.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** When each of some deals was wanted and when it was done, from many threads. */
final class DealTimes {
  private static final double MILLIS = 1e6;
  private static final double NANOS = 1e9;
  private static final int TENTHS = 10;

  private final long[] wanted;
  private final long[] done;

  DealTimes(int deals) {
    wanted = new long[deals];
    done = new long[deals];
  }

  /** Notes one; each is noted by one thread, and asked for when all have ended. */
  void note(int deal, long wantedNanos, long doneNanos) {
    wanted[deal] = wantedNanos;
    done[deal] = doneNanos;
  }

  /** What came of all of them. */
  DealsReport.Load load() {
    return load(0, wanted.length);
  }

  /** The same of each tenth, in the order in which they were begun; fewer if there are not ten. */
  List<DealsReport.Load> tenths() {
    int parts = Math.min(TENTHS, wanted.length);
    List<DealsReport.Load> tenths = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      tenths.add(load(at(part, parts), at(part + 1, parts)));
    }
    return tenths;
  }

  private DealsReport.Load load(int from, int to) {
    return new DealsReport.Load(
        to - from,
        Figures.rounded(perSecond(from, to)),
        Figures.rounded(millisOf(from, to, 0.5)),
        Figures.rounded(millisOf(from, to, 0.99)));
  }

  private int at(int part, int parts) {
    return (int) ((long) wanted.length * part / parts);
  }

  /** From the first that was wanted to the last that was done. */
  private double perSecond(int from, int to) {
    long first = Arrays.stream(wanted, from, to).min().orElseThrow();
    long last = Arrays.stream(done, from, to).max().orElseThrow();
    return (to - from) * NANOS / Math.max(1, last - first);
  }

  /** How long so great a part of them took at most. */
  private double millisOf(int from, int to, double part) {
    long[] sorted = new long[to - from];
    for (int i = from; i < to; i++) {
      sorted[i - from] = done[i] - wanted[i];
    }
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(part * sorted.length) - 1;
    return sorted[Math.max(0, rank)] / MILLIS;
  }
}
