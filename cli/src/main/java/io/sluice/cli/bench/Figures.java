package io.sluice.cli.bench;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** The figures of a run, those that are known: nothing stands for one that is not. */
final class Figures {
  private static final MathContext DIGITS = new MathContext(5);
  private static final double MIB = 1 << 20;
  private static final double GIB = 1 << 30;
  private static final double NANOS = 1e9;
  private static final double MILLIS = 1e3;

  private final EnumMap<Figure, Double> values = new EnumMap<>(Figure.class);

  /** Those of so many bytes in so many nanoseconds. */
  static Figures of(long bytes, long nanos) {
    double seconds = nanos / NANOS;
    return new Figures().with(Figure.WALL, seconds).with(Figure.RATE, bytes / MIB / seconds);
  }

  Figures with(Figure figure, double value) {
    if (Double.isFinite(value)) { // a rate over no time is none
      values.put(figure, value);
    }
    return this;
  }

  /** Adds what clients report of so many bytes in all. */
  Figures withArrival(long bytes, Arrival arrival) {
    double seconds = (arrival.lastByteMillis() - arrival.firstByteMillis()) / MILLIS;
    return with(Figure.FIRST_BYTE, arrival.firstByteMillis())
        .with(Figure.TRANSFER, bytes / MIB / seconds)
        .with(Figure.BLOCKS, arrival.blocks() / seconds)
        .with(Figure.VOUCHERS, (double) arrival.vouchers());
  }

  /** Adds what the operating system says of the processes. */
  Figures withProcesses(long bytes, ProcessUse client, ProcessUse provider) {
    client.cpuSeconds().ifPresent(it -> with(Figure.CLIENT_CPU, it));
    client.cpuSeconds().ifPresent(it -> with(Figure.CLIENT_CPU_PER_GIB, it * GIB / bytes));
    provider.cpuSeconds().ifPresent(it -> with(Figure.PROVIDER_CPU, it));
    provider.cpuSeconds().ifPresent(it -> with(Figure.PROVIDER_CPU_PER_GIB, it * GIB / bytes));
    client.peakBytes().ifPresent(it -> with(Figure.CLIENT_PEAK, it / MIB));
    provider.peakBytes().ifPresent(it -> with(Figure.PROVIDER_PEAK, it / MIB));
    return this;
  }

  OptionalDouble get(Figure figure) {
    Double value = values.get(figure);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /** Each figure's median over the runs that have it; of an even number the mean of the middle. */
  static Figures median(List<Figures> runs) {
    Figures medians = new Figures();
    for (Figure figure : Figure.values()) {
      double[] sorted =
          runs.stream().flatMapToDouble(run -> run.get(figure).stream()).sorted().toArray();
      int middle = sorted.length / 2;
      if (sorted.length > 0) {
        medians.with(
            figure,
            sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2);
      }
    }
    return medians;
  }

  /** Each figure that both have, divided by the other's. */
  Figures over(Figures other) {
    Figures ratios = new Figures();
    values.forEach(
        (figure, mine) ->
            other.get(figure).ifPresent(theirs -> ratios.with(figure, mine / theirs)));
    return ratios;
  }

  /** For JSON: by name. */
  Map<String, Double> members() {
    Map<String, Double> members = new LinkedHashMap<>();
    values.forEach((figure, value) -> members.put(figure.member(), rounded(value)));
    return members;
  }

  /** As exact as a measurement can be. */
  static double rounded(double value) {
    return new BigDecimal(value).round(DIGITS).doubleValue();
  }
}
