package io.sluice.node.metrics;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.sluice.node.api.ServiceException;
import io.sluice.node.client.ClientMetrics;
import io.sluice.node.provider.ProviderMetrics;
import io.sluice.node.pullsync.PullMetrics;
import io.sluice.node.pullsync.PullsyncMetrics;
import io.sluice.node.sync.SyncMetrics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a running node shows to Prometheus: what it counts itself, from its start on, and what its
 * books and stores say whenever they are asked.
 */
public final class Metrics implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /** The registry holds what it counts weakly. */
  private final List<Figure> kept = new ArrayList<>();

  /** What is read off something whenever somebody asks. */
  @FunctionalInterface
  public interface Figure {
    /** As it is now. */
    double read() throws IOException, ServiceException;
  }

  private final ProviderMetrics provider = new ProviderCounters(registry);
  private final ClientMetrics client = new ClientCounters(registry);
  private final PullsyncMetrics neighbours = new NeighbourCounters(registry);
  private final SyncMetrics sync = new SyncCounters(registry);

  /** Where the provider counts. */
  public ProviderMetrics provider() {
    return provider;
  }

  /** Where the client counts. */
  public ClientMetrics client() {
    return client;
  }

  /** Where the server of neighbours counts. */
  public PullsyncMetrics neighbours() {
    return neighbours;
  }

  /** Where dsync counts. */
  public SyncMetrics sync() {
    return sync;
  }

  /** Where syncs count. */
  public PullMetrics pulling() {
    return new PullMetrics() {
      @Override
      public void paged(String sync, long blocks, long bytes) {
        Metric.SYNC_PAGES.in(registry, sync).increment();
        Metric.SYNC_BLOCKS.in(registry, sync).increment((double) blocks);
        Metric.SYNC_BYTES.in(registry, sync).increment((double) bytes);
      }

      @Override
      public void failed(String sync) {
        Metric.SYNC_FAILURES.in(registry, sync).increment();
      }
    };
  }

  /**
   * Adds a figure.
   *
   * @param labels the values of the metric's labels
   */
  public void show(Metric metric, Figure figure, String... labels) {
    kept.add(figure);
    metric.show(registry, figure, Metrics::read, labels);
  }

  /** A figure that cannot be read shows as NaN; the others are not hurt by it. */
  private static double read(Figure figure) {
    try {
      return figure.read();
    } catch (IOException | ServiceException | RuntimeException e) {
      return Double.NaN;
    }
  }

  /** All of it, in Prometheus' text format. */
  public String text() {
    return registry.scrape();
  }

  @Override
  public void close() {
    registry.close();
  }
}
