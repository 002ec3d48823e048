package io.sluice.node.provider;

import io.sluice.protocol.LatestEntries;
import io.sluice.protocol.SteadyRate;
import io.sluice.protocol.multiformats.PeerId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Limits how often each peer may do something: a bucket of tokens that fills evenly. Remembers the
 * peers that were here last; one that was forgotten starts with a full bucket.
 */
final class RateLimiter {
  private static final int PEERS = 4096;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final SteadyRate rate;
  private final Clock clock;
  private final Map<PeerId, Owed> owed = LatestEntries.byUse(PEERS);

  /**
   * What a peer took and has not earned yet.
   *
   * @param until when it will have been
   * @param at when that was looked at last, should the clock go back
   */
  private record Owed(long until, long at) {}

  RateLimiter(int perMinute, int burst, Clock clock) {
    // Before one is taken as much as the others of the burst may be owed.
    this.rate = new SteadyRate(perMinute, Duration.ofMinutes(1), burst - 1L);
    this.clock = clock;
  }

  /** Gives back one that was taken for something that turned out to be worth it. */
  synchronized void giveBack(PeerId peer) {
    owed.computeIfPresent(
        peer, (same, before) -> new Owed(before.until - rate.nanosFor(1), before.at));
  }

  /** Takes one: zero if there was one, else how long to wait for it. */
  synchronized Duration take(PeerId peer) {
    long now = now();
    Owed before = owed.getOrDefault(peer, new Owed(now, now));
    long until = before.until - Math.max(0, before.at - now);
    long wait = rate.waitAt(now, until);
    if (wait == 0) {
      owed.put(peer, new Owed(rate.after(now, until, 1), now));
      return Duration.ZERO;
    }
    owed.put(peer, new Owed(until, now));
    return Duration.ofSeconds(Math.max(1, (wait + SECOND - 1) / SECOND));
  }

  private long now() {
    Instant now = clock.instant();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }
}
