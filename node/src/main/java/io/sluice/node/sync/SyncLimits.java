package io.sluice.node.sync;

import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.dsync.ManifestLimits;
import java.time.Duration;

/**
 * How much is done for peers.
 *
 * @param manifest largest DAG
 * @param blockBytes largest block
 * @param session how long a push may take
 * @param sessions pushes under way at once
 * @param sessionNodes blocks of all of their manifests
 * @param bodyBytes of requests in memory at once, before they are understood
 */
public record SyncLimits(
    ManifestLimits manifest,
    int blockBytes,
    Duration session,
    int sessions,
    int sessionNodes,
    int bodyBytes) {
  /** What a node does unless told otherwise; five hours are the original's. */
  public static final SyncLimits DEFAULT =
      new SyncLimits(
          ManifestLimits.DEFAULT,
          CarLimits.BLOCK_BYTES,
          Duration.ofHours(5),
          64,
          400_000,
          2 * ManifestLimits.DEFAULT.bytes());
}
