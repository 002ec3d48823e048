package io.sluice.node.sync;

import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.dsync.ManifestLimits;
import java.time.Duration;

/**
 * How much is done for peers, and how much they have to send.
 *
 * @param manifest largest DAG
 * @param blockBytes largest block
 * @param pushBytes most bytes that one push may bring, whatever its sender was granted
 * @param requireAll whether a push has to bring all its blocks, those that are here as well
 * @param session how long a push may take
 * @param sessions pushes under way at once
 * @param sessionNodes blocks of all of their manifests
 * @param bodyBytes of requests in memory at once, before they are understood
 */
public record SyncLimits(
    ManifestLimits manifest,
    int blockBytes,
    long pushBytes,
    boolean requireAll,
    Duration session,
    int sessions,
    int sessionNodes,
    int bodyBytes) {
  /** What a node does unless told otherwise; five hours are the original's. */
  public static final SyncLimits DEFAULT =
      new SyncLimits(
          ManifestLimits.DEFAULT,
          CarLimits.BLOCK_BYTES,
          Long.MAX_VALUE,
          false,
          Duration.ofHours(5),
          64,
          400_000,
          2 * ManifestLimits.DEFAULT.bytes());

  /** The same for pushes and blocks of other sizes. */
  public SyncLimits withSizes(int maxBlocks, int maxBlockBytes, long maxPushBytes) {
    return new SyncLimits(
        ManifestLimits.ofNodes(maxBlocks),
        maxBlockBytes,
        maxPushBytes,
        requireAll,
        session,
        sessions,
        sessionNodes,
        bodyBytes);
  }

  /** The same with other sessions. */
  public SyncLimits withSessions(int most, Duration time) {
    return new SyncLimits(
        manifest, blockBytes, pushBytes, requireAll, time, most, sessionNodes, bodyBytes);
  }

  /** The same, where a push has to bring all or only what is missing. */
  public SyncLimits withRequireAll(boolean all) {
    return new SyncLimits(
        manifest, blockBytes, pushBytes, all, session, sessions, sessionNodes, bodyBytes);
  }
}
