package io.sluice.node.pullsync;

import io.sluice.protocol.SteadyRate;
import io.sluice.protocol.Throttle;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.Pullsync;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How fast this node pulls from each of its neighbours, however many syncs it has with one. What a
 * page brought is paid for before the next one is asked for. Thread-safe.
 */
final class PullPace {
  private final Optional<SteadyRate> rate;
  private final Ticker ticker;
  private final Map<PeerId, Throttle> neighbours = new ConcurrentHashMap<>();

  private PullPace(Optional<SteadyRate> rate, Ticker ticker) {
    this.rate = rate;
    this.ticker = ticker;
  }

  PullPace(SteadyRate rate, Ticker ticker) {
    this(Optional.of(rate), ticker);
  }

  /**
   * So many bytes a second of each neighbour, a page at once.
   *
   * @param bytes 0 for no limit
   */
  static PullPace bytesPerSecond(long bytes) {
    return new PullPace(
        bytes == 0 ? Optional.empty() : Optional.of(SteadyRate.aSecond(bytes, Pullsync.PAGE_BYTES)),
        Ticker.SYSTEM);
  }

  /** So many bytes came; how long to ask for no more. */
  Duration came(PeerId from, long bytes) {
    return rate.isEmpty()
        ? Duration.ZERO
        : neighbours.computeIfAbsent(from, peer -> new Throttle(rate.get(), ticker)).take(bytes);
  }
}
