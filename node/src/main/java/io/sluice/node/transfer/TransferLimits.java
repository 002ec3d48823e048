package io.sluice.node.transfer;

import java.time.Duration;

/**
 * How long transfers that are no deals are tried, and how many there may be.
 *
 * @param stall longest time without a block or a word of the other end, unless one of them paused
 * @param firstTries attempts in a row before the other end was found, each of which tries some
 *     seconds
 * @param tries attempts in a row that move nothing, once it was
 * @param pause before the second attempt; doubles with each
 * @param longestPause bound of that
 * @param expiry what nothing happened to for so long fails
 * @param progressBytes how far the data are is recorded at least so often
 * @param perPeer pushes of one peer that are taken at once
 * @param total pushes of all peers that are taken at once
 */
public record TransferLimits(
    Duration stall,
    int firstTries,
    int tries,
    Duration pause,
    Duration longestPause,
    Duration expiry,
    long progressBytes,
    int perPeer,
    int total) {
  /** What a node uses. */
  public static final TransferLimits DEFAULT =
      new TransferLimits(
          Duration.ofSeconds(60),
          2,
          16,
          Duration.ofMillis(250),
          Duration.ofSeconds(10),
          Duration.ofHours(24),
          8L << 20,
          8,
          64);
}
