package io.sluice.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/** Something that is measured run after run, and what came of it, also where it failed. */
final class Contestant {
  private final String name;
  private final Callable<Figures> work;
  private final List<Figures> runs = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

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

  /** Runs it once more; that it failed is kept and said, and the others are measured on. */
  void run(Consumer<String> say) throws InterruptedException {
    try {
      runs.add(work.call());
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) { // whatever a program of others does, ours are still to be measured
      failures.add(String.valueOf(e.getMessage()));
      say.accept("%s failed: %s".formatted(name, e.getMessage()));
    }
  }

  /** What came of it, with medians to which something may have been added. */
  BenchReport.Measured measured(Figures median, Figures ratios) {
    return new BenchReport.Measured(
        name,
        runs.stream().map(Figures::members).toList(),
        List.copyOf(failures),
        median.members(),
        ratios.members());
  }

  Figures median() {
    return Figures.median(runs);
  }
}
