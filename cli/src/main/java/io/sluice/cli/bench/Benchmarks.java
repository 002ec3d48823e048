package io.sluice.cli.bench;

import io.sluice.cli.stage.Stage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** The benchmarks, each from its options to what people read. What goes on is said meanwhile. */
public final class Benchmarks {
  private Benchmarks() {}

  /** {@code bench retrieve}. */
  public static BenchOutcome retrieve(RetrievePlan plan, Stage stage, Consumer<String> say)
      throws Exception {
    BenchReport report = RetrieveBench.run(plan, stage, say);
    return new BenchOutcome(report, BenchTables.of(report), report.failures().stream().findFirst());
  }

  /** {@code bench deals}. */
  public static BenchOutcome deals(DealsPlan plan, Stage stage, Consumer<String> say)
      throws Exception {
    DealsReport report = DealsBench.run(plan, stage, say);
    return new BenchOutcome(
        report,
        DealsTables.of(report),
        report.books().exact() ? Optional.empty() : Optional.of("the books are not exact"));
  }

  /**
   * {@code bench vouchers}.
   *
   * @param clients that pay at once, each a host of its own with a channel of its own
   * @param seconds for how long they do as fast as they can, and for how long at a pace
   * @param rate that pace, vouchers of all of them in a second; half of what they can if there is
   *     none
   */
  public static BenchOutcome vouchers(
      int clients, int seconds, OptionalInt rate, Stage stage, Consumer<String> say)
      throws Exception {
    VouchersReport report = VouchersBench.run(clients, seconds, rate, stage, say);
    return new BenchOutcome(
        report,
        VouchersTables.of(report),
        report.books().exact() ? Optional.empty() : Optional.of("the books are not exact"));
  }

  /**
   * {@code bench import}.
   *
   * @param bytes of the file
   */
  public static BenchOutcome importing(long bytes, int runs, Stage stage, Consumer<String> say)
      throws Exception {
    List<ImportBench.Rates> rates = ImportBench.run(bytes, runs, stage, say);
    return new BenchOutcome(
        Map.of("bytes", bytes, "runs", rates), List.of(ImportTables.of(rates)), Optional.empty());
  }

  /**
   * {@code bench store}.
   *
   * @param deals that are begun and ended
   * @param atOnce of them under way
   */
  public static BenchOutcome store(int deals, int atOnce, Stage stage, Consumer<String> say)
      throws Exception {
    StoreReport report = StoreBench.run(deals, atOnce, stage.file("store"), say);
    return new BenchOutcome(report, StoreTables.of(report), Optional.empty());
  }
}
