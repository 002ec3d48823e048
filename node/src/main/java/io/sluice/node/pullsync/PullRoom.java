package io.sluice.node.pullsync;

import io.sluice.protocol.Ticker;
import java.io.IOException;
import java.time.Duration;

/**
 * Room for what neighbours bring, shared by all syncs of a node: taken when a block is asked for,
 * so that syncs that run at once do not all take the last of it. How much there is, is looked at
 * once in a while, and again where it does not suffice. Thread-safe.
 */
final class PullRoom {
  private static final long LOOK = Duration.ofMinutes(1).toNanos();
  private static final long LOOK_WHERE_SHORT = Duration.ofSeconds(1).toNanos();

  private final PullHome home;
  private final Ticker ticker;
  private boolean known;
  private long looked;
  private long left;

  PullRoom(PullHome home, Ticker ticker) {
    this.home = home;
    this.ticker = ticker;
  }

  /** Takes so many bytes, or nothing if there is less. */
  synchronized boolean take(long bytes) throws IOException {
    long age = ticker.nanos() - looked;
    if (!known || age > LOOK || (bytes > left && age > LOOK_WHERE_SHORT)) {
      left = home.roomLeft();
      looked = ticker.nanos();
      known = true;
    }
    if (bytes > left) {
      return false;
    }
    left -= bytes;
    return true;
  }

  /** What was taken did not come. */
  synchronized void giveBack(long bytes) {
    left += bytes;
  }
}
