package io.sluice.protocol;

import java.time.Duration;

/**
 * A rate at which things are let through one after the other, and how much of them may come at once
 * before it is felt. What was let through is owed until it is earned; times are nanoseconds of one
 * clock, and a point in time up to which all is paid stands for the debt.
 *
 * @param amount in the long run, 1 or more
 * @param time in which so much is
 * @param burst at once
 */
public record SteadyRate(long amount, Duration time, long burst) {
  /** So much a second. */
  public static SteadyRate aSecond(long amount, long burst) {
    return new SteadyRate(amount, Duration.ofSeconds(1), burst);
  }

  /** How long it takes to earn so much. */
  public long nanosFor(long some) {
    return (long) (some * ((double) time.toNanos() / amount));
  }

  /**
   * How long to wait, in nanoseconds, until no more than the burst is owed.
   *
   * @param paidUntil when what was let through before is earned
   */
  public long waitAt(long now, long paidUntil) {
    return Math.max(0, paidUntil - now - nanosFor(burst));
  }

  /** When what is let through at a time, after its wait, is earned. */
  public long after(long now, long paidUntil, long some) {
    return Math.max(now, paidUntil) + nanosFor(some);
  }
}
