package io.sluice.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Something that is measured run after run, and what came of it. */
final class Contestant {
  private final String name;
  private final Callable<Figures> work;
  private final List<Figures> runs = new ArrayList<>();

  Contestant(String name, Callable<Figures> work) {
    this.name = name;
    this.work = work;
  }

  /** One that moves so many bytes in one go. */
  static Contestant of(Yardstick yardstick, long bytes) {
    return new Contestant(
        yardstick.name(),
        () -> {
          Figures figures = Figures.of(bytes, yardstick.nanos(bytes));
          figures.get(Figure.RATE).ifPresent(rate -> figures.with(Figure.TRANSFER, rate));
          return figures;
        });
  }

  void run() throws Exception {
    runs.add(work.call());
  }

  /** What came of it, with medians to which something may have been added. */
  BenchReport.Measured measured(Figures median, Figures ratios) {
    return new BenchReport.Measured(
        name, runs.stream().map(Figures::members).toList(), median.members(), ratios.members());
  }

  Figures median() {
    return Figures.median(runs);
  }
}
