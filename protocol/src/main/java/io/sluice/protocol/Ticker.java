package io.sluice.protocol;

/**
 * Measures spans of time: nanoseconds that only ever go forward, from no particular beginning. The
 * one place that reads them; whoever waits or counts idle time is given a ticker, so that a test
 * can turn it by hand.
 */
@FunctionalInterface
public interface Ticker {
  /** The ticker of this machine. */
  Ticker SYSTEM = System::nanoTime;

  /** Nanoseconds now; only differences mean something. */
  long nanos();
}
