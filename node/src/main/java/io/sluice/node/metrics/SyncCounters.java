package io.sluice.node.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.node.sync.SyncMetrics;

/** Counts what is done and refused by dsync, since the node was started. */
final class SyncCounters implements SyncMetrics {
  private final MeterRegistry registry;
  private final Counter blocksIn;
  private final Counter bytesIn;
  private final Counter blocksOut;
  private final Counter bytesOut;

  SyncCounters(MeterRegistry registry) {
    this.registry = registry;
    this.blocksIn = Metric.DSYNC_BLOCKS.in(registry, "in");
    this.bytesIn = Metric.DSYNC_BYTES.in(registry, "in");
    this.blocksOut = Metric.DSYNC_BLOCKS.in(registry, "out");
    this.bytesOut = Metric.DSYNC_BYTES.in(registry, "out");
  }

  @Override
  public void ended(String how) {
    Metric.DSYNC_ENDED.in(registry, how).increment();
  }

  @Override
  public void came(int bytes) {
    blocksIn.increment();
    bytesIn.increment(bytes);
  }

  @Override
  public void gave(int bytes) {
    blocksOut.increment();
    bytesOut.increment(bytes);
  }

  @Override
  public void refused(String kind) {
    Metric.DSYNC_REFUSALS.in(registry, kind).increment();
  }

  @Override
  public void info(boolean known) {
    Metric.DSYNC_INFOS.in(registry, Boolean.toString(known)).increment();
  }
}
