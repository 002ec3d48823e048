package io.sluice.benchmarks;

/** What a benchmark makes sure of before it is timed. */
final class Check {
  private Check() {}

  /** Throws {@link IllegalStateException} unless the two are equal. */
  static void equal(Object expected, Object actual) {
    if (!expected.equals(actual)) {
      throw new IllegalStateException("expected %s, got %s".formatted(expected, actual));
    }
  }
}
