package io.sluice.node.provider;

import io.sluice.protocol.LatestEntries;
import io.sluice.protocol.multiformats.PeerId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * Limits how often each peer may do something: a bucket of tokens that fills evenly. Remembers the
 * peers that were here last; one that was forgotten starts with a full bucket.
 */
final class RateLimiter {
  private static final int PEERS = 4096;

  private final double perSecond;
  private final int burst;
  private final Clock clock;
  private final Map<PeerId, TokenBucket> buckets = LatestEntries.byUse(PEERS);

  private record TokenBucket(double tokens, Instant at) {}

  RateLimiter(int perMinute, int burst, Clock clock) {
    this.perSecond = perMinute / 60.0;
    this.burst = burst;
    this.clock = clock;
  }

  /** Gives back one that was taken for something that turned out to be worth it. */
  synchronized void giveBack(PeerId peer) {
    buckets.computeIfPresent(
        peer, (same, bucket) -> new TokenBucket(Math.min(burst, bucket.tokens + 1), bucket.at));
  }

  /** Takes one: zero if there was one, else how long to wait for it. */
  synchronized Duration take(PeerId peer) {
    Instant now = clock.instant();
    TokenBucket before = buckets.getOrDefault(peer, new TokenBucket(burst, now));
    double seconds = Math.max(0, Duration.between(before.at, now).toMillis() / 1000.0);
    double tokens = Math.min(burst, before.tokens + seconds * perSecond);
    if (tokens >= 1) {
      buckets.put(peer, new TokenBucket(tokens - 1, now));
      return Duration.ZERO;
    }
    buckets.put(peer, new TokenBucket(tokens, now));
    return Duration.ofSeconds(Math.max(1, (long) Math.ceil((1 - tokens) / perSecond)));
  }
}
