package io.sluice.protocol;

import java.time.Duration;

/** Holds something to a rate: whoever takes more than there is owes it, and waits. Thread-safe. */
public final class Throttle {
  private final SteadyRate rate;
  private final Ticker ticker;
  private long paidUntil;

  /** With the whole burst to begin with. */
  public Throttle(SteadyRate rate, Ticker ticker) {
    this.rate = rate;
    this.ticker = ticker;
    this.paidUntil = ticker.nanos();
  }

  /** Takes so much; how long to wait before it is made use of, or before more is taken. */
  public synchronized Duration take(long amount) {
    long now = ticker.nanos();
    paidUntil = rate.after(now, paidUntil, amount);
    return Duration.ofNanos(rate.waitAt(now, paidUntil));
  }
}
