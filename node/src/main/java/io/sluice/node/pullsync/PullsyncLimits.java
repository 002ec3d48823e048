package io.sluice.node.pullsync;

import io.sluice.protocol.SteadyRate;
import io.sluice.protocol.pullsync.Pullsync;
import java.time.Duration;

/**
 * How much is done for neighbours. All positive.
 *
 * @param blocksPerSecond that one peer gets, in the long run; a request counts as a block as well
 * @param bytesPerSecond that one peer gets, in the long run; {@link Long#MAX_VALUE} for no limit
 * @param deliveries pages that are delivered at the same time, each with one block in memory
 * @param hold how long a block is held back for a rate, rather than refused for later
 * @param patience how long a peer may say nothing when it is its turn
 */
public record PullsyncLimits(
    int blocksPerSecond, long bytesPerSecond, int deliveries, Duration hold, Duration patience) {
  /** What a node does unless told otherwise. */
  public static final PullsyncLimits DEFAULT =
      new PullsyncLimits(
          10_000, Long.MAX_VALUE, 32, Duration.ofSeconds(10), Duration.ofSeconds(30));

  /** Refuses what is not positive. */
  public PullsyncLimits {
    if (blocksPerSecond <= 0
        || bytesPerSecond <= 0
        || deliveries <= 0
        || !hold.isPositive()
        || !patience.isPositive()) {
      throw new IllegalArgumentException(
          "%d blocks and %d bytes a second, %d deliveries, held for %s, patience %s"
              .formatted(blocksPerSecond, bytesPerSecond, deliveries, hold, patience));
    }
  }

  /** The same with other rates. */
  public PullsyncLimits withRates(int blocks, long bytes) {
    return new PullsyncLimits(blocks, bytes, deliveries, hold, patience);
  }

  /** What a peer may take at once before its rates are felt: a page. */
  PeerRates rates() {
    return new PeerRates(
        SteadyRate.aSecond(blocksPerSecond, Pullsync.ITEMS),
        SteadyRate.aSecond(bytesPerSecond, Pullsync.PAGE_BYTES));
  }
}
