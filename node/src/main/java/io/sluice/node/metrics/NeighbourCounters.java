package io.sluice.node.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.node.pullsync.PullsyncMetrics;

/** Counts what neighbours get here, since the node was started. */
final class NeighbourCounters implements PullsyncMetrics {
  private final MeterRegistry registry;
  private final Counter pages;
  private final Counter items;
  private final Counter wanted;
  private final Counter blocks;
  private final Counter bytes;

  NeighbourCounters(MeterRegistry registry) {
    this.registry = registry;
    this.pages = Metric.PULLSYNC_PAGES.in(registry);
    this.items = Metric.PULLSYNC_ITEMS.in(registry);
    this.wanted = Metric.PULLSYNC_WANTED.in(registry);
    this.blocks = Metric.PULLSYNC_BLOCKS.in(registry);
    this.bytes = Metric.PULLSYNC_BYTES.in(registry);
  }

  @Override
  public void offered(int more) {
    pages.increment();
    items.increment(more);
  }

  @Override
  public void wanted(int more) {
    wanted.increment(more);
  }

  @Override
  public void delivered(int more) {
    blocks.increment();
    bytes.increment(more);
  }

  @Override
  public void refused(String reason) {
    Metric.PULLSYNC_REFUSED.in(registry, reason).increment();
  }
}
