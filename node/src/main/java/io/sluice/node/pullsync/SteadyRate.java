package io.sluice.node.pullsync;

/**
 * A rate at which things are let through one after the other, and how much of them may come at once
 * before it is felt.
 *
 * @param perSecond in the long run
 * @param burst at once
 */
record SteadyRate(long perSecond, long burst) {
  private static final double NANOS = 1e9;

  /** How long it takes to earn so much. */
  long nanosFor(long amount) {
    return (long) (amount * (NANOS / perSecond));
  }

  /**
   * How long to wait, in nanoseconds.
   *
   * @param paidUntil when what was let through before is earned
   */
  long waitAt(long now, long paidUntil) {
    return Math.max(0, paidUntil - now - nanosFor(burst));
  }

  /** When what is let through at a time, after its wait, is earned. */
  long after(long now, long paidUntil, long amount) {
    return Math.max(now, paidUntil) + nanosFor(amount);
  }
}
