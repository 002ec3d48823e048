package io.sluice.node.pullsync.bee;

import io.sluice.protocol.Ticker;
import java.time.Duration;

/**
 * So many chunks a second, and a burst of them at once: a bucket that fills evenly. Who takes more
 * than there is owes it, and waits that long. Safe for any number of threads.
 */
final class ChunkRate {
  private static final double NANOS = 1e9;

  private final double perSecond;
  private final int burst;
  private final Ticker ticker;
  private double left;
  private long at;

  ChunkRate(int perSecond, int burst, Ticker ticker) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.ticker = ticker;
    this.left = burst;
    this.at = ticker.nanos();
  }

  /** Takes so many; how long to wait before they are sent. */
  synchronized Duration take(int chunks) {
    long now = ticker.nanos();
    left = Math.min(burst, left + (now - at) / NANOS * perSecond) - chunks;
    at = now;
    return left >= 0 ? Duration.ZERO : Duration.ofNanos((long) (-left / perSecond * NANOS));
  }
}
