package io.sluice.node;

import com.sun.management.GarbageCollectorMXBean;
import com.sun.management.GcInfo;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.sluice.node.api.ServiceException;
import io.sluice.node.client.ClientMetrics;
import io.sluice.node.provider.ProviderMetrics;
import io.sluice.node.pullsync.PullMetrics;
import io.sluice.node.pullsync.PullsyncMetrics;
import io.sluice.node.sync.SyncMetrics;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a running node shows to Prometheus: what it counts itself, from its start on, and what its
 * books and stores say whenever they are asked.
 */
final class Metrics implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /** The registry holds what it counts weakly. */
  private final List<Figure> kept = new ArrayList<>();

  /** A name that is used again shows the new sync. */
  private final Set<String> shownSyncs = new HashSet<>();

  private interface Figure {
    double read() throws IOException, ServiceException;
  }

  private final ProviderMetrics provider = new ProviderCounters(registry);
  private final ClientMetrics client = new ClientCounters(registry);
  private final PullsyncMetrics neighbours = new NeighbourCounters(registry);
  private final SyncMetrics sync = new SyncCounters(registry);

  /** Where the provider counts. */
  ProviderMetrics provider() {
    return provider;
  }

  /** Where the client counts. */
  ClientMetrics client() {
    return client;
  }

  /** Where the server of neighbours counts. */
  PullsyncMetrics neighbours() {
    return neighbours;
  }

  /** Where dsync counts. */
  SyncMetrics sync() {
    return sync;
  }

  /** Adds what can be read off the node at any time. */
  void show(SluiceNode node, Network network) {
    DealReports deals = new DealReports(node);
    ChannelOperations channels = new ChannelOperations(node);
    show(Metric.CONNECTIONS, () -> network.host().connectionCount());
    showNetwork(network);
    show(Metric.DEALS_LIVE, deals::running);
    show(Metric.BLOCKS, () -> node.blocks().blocks());
    show(Metric.BLOCKS_BYTES, () -> node.blocks().bytes());
    show(Metric.SWARM_CHUNKS, network::swarmChunks);
    show(Metric.JOURNAL_RECORDS, () -> node.store().journalTotals().records());
    show(Metric.JOURNAL_SYNCS, () -> node.store().journalTotals().syncs());
    show(Metric.JOURNAL_BYTES, () -> node.store().journalTotals().bytes());
    show(Metric.HEAP, Metrics::heap);
    show(Metric.DSYNC_SESSIONS, () -> node.sync().underWay());
    show(Metric.OWED, () -> whole(deals.owed()));
    show(Metric.SERVED, deals::bytesServed);
    show(Metric.EARNED, () -> whole(channels.sums().earned()));
    show(Metric.SPENT, () -> whole(channels.sums().spent()));
    show(Metric.REDEEMED, () -> whole(channels.sums().redeemed()));
  }

  /** Adds how far behind a neighbour this node is. */
  synchronized void showSync(SluiceNode node, String name) {
    if (shownSyncs.add(name)) {
      show(
          Metric.SYNC_BEHIND,
          () -> node.syncs().one(name).behind().map(Long::doubleValue).orElse(Double.NaN),
          name);
      show(Metric.SYNC_LAG, () -> node.syncs().one(name).lag().toSeconds(), name);
    }
  }

  /** Where syncs count. */
  PullMetrics pulling() {
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

  private void showNetwork(Network network) {
    Host host = network.host();
    show(Metric.CONNECTIONS_DIRECTION, () -> host.usage().inboundConnections(), "in");
    show(Metric.CONNECTIONS_DIRECTION, () -> host.usage().outboundConnections(), "out");
    show(Metric.STREAMS, () -> host.usage().inboundStreams(), "in");
    show(Metric.STREAMS, () -> host.usage().outboundStreams(), "out");
    for (String protocol : network.protocols()) {
      show(
          Metric.PROTOCOL_STREAMS,
          () -> host.usage().streamsByProtocol().getOrDefault(protocol, 0),
          protocol);
    }
    show(Metric.WINDOWS, () -> host.usage().windowBytes());
    show(Metric.TURNED_AWAY, () -> host.usage().refusedConnections(), "connection");
    show(Metric.TURNED_AWAY, () -> host.usage().refusedStreams(), "stream");
    show(Metric.TURNED_AWAY, () -> host.usage().denied(), "denied");
    show(Metric.TURNED_AWAY, () -> host.usage().trimmed(), "trimmed");
    show(Metric.DIALS_FAILED, () -> host.usage().failedDials());
  }

  /** What counts is what stays: between two collections a heap grows whatever is done with it. */
  private static double heap() {
    Set<String> pools =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .map(MemoryPoolMXBean::getName)
            .collect(Collectors.toSet());
    return ManagementFactory.getPlatformMXBeans(GarbageCollectorMXBean.class).stream()
        .map(GarbageCollectorMXBean::getLastGcInfo)
        .filter(Objects::nonNull)
        .max(Comparator.comparing(GcInfo::getEndTime))
        .map(last -> last.getMemoryUsageAfterGc().entrySet().stream())
        .orElseGet(Stream::empty)
        .filter(pool -> pools.contains(pool.getKey()))
        .mapToDouble(pool -> pool.getValue().getUsed())
        .sum();
  }

  private static double whole(TokenAmount amount) {
    return amount.value().doubleValue();
  }

  private void show(Metric metric, Figure figure, String... labels) {
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

  String text() {
    return registry.scrape();
  }

  @Override
  public void close() {
    registry.close();
  }
}
