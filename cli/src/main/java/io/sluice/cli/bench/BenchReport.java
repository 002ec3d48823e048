package io.sluice.cli.bench;

import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code bench retrieve --json}. What is measured has its figures by name; one that is not known is
 * left out.
 *
 * @param bytes the content, for each client
 * @param files how many files it is in
 * @param interval the fixed payment interval, unless it is that of the defaults
 * @param measured ours first, then what it is measured against
 */
record BenchReport(
    long bytes,
    int files,
    int clients,
    TokenAmount pricePerMiB,
    Optional<Long> interval,
    int rttMillis,
    boolean warm,
    List<Measured> measured) {
  /** What is measured without any program of ours. */
  static final String OF_OTHERS = "gopeer";

  /** The failed runs in which a program of ours had a part. */
  List<String> failures() {
    return measured.stream()
        .filter(it -> !it.what().equals(OF_OTHERS))
        .flatMap(it -> it.failures().stream().map(why -> it.what() + ": " + why))
        .toList();
  }

  /**
   * One thing that was measured.
   *
   * @param runs the figures of each run that did what it had to
   * @param failures what the others ended with
   * @param median those in the middle
   * @param ratios our medians divided by these: of rates, above 1 is faster than this; of times,
   *     processor and memory, below 1 is less
   */
  record Measured(
      String what,
      List<Map<String, Double>> runs,
      List<String> failures,
      Map<String, Double> median,
      Map<String, Double> ratios) {}
}
