package io.sluice.protocol;

import java.time.Duration;

/**
 * How long to wait between attempts that fail in a row: twice as long each time, up to a bound.
 *
 * @param first after the first failure
 * @param longest never more than that
 */
public record DoublingPause(Duration first, Duration longest) {
  /** The wait after so many failures in a row, 1 and up. */
  public Duration after(long failures) {
    Duration wait = first;
    for (long i = 1; i < failures && wait.compareTo(longest) < 0; i++) {
      wait = wait.multipliedBy(2);
    }
    return wait.compareTo(longest) < 0 ? wait : longest;
  }
}
