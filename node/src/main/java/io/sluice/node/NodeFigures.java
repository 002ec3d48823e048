package io.sluice.node;

import com.sun.management.GarbageCollectorMXBean;
import com.sun.management.GcInfo;
import io.sluice.node.api.Reports;
import io.sluice.node.metrics.Metric;
import io.sluice.node.metrics.Metrics;
import io.sluice.payments.token.Amounts;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the books, the stores and the host of a running node say whenever somebody asks. */
final class NodeFigures {
  private final Metrics metrics;
  private final SluiceNode node;

  /** A name that is used again shows the new sync; guarded by this. */
  private final Set<String> shownSyncs = new HashSet<>();

  /**
   * Figures of a node.
   *
   * @param metrics where they are shown
   */
  NodeFigures(Metrics metrics, SluiceNode node) {
    this.metrics = metrics;
    this.node = node;
  }

  /** Adds what can be read at any time. */
  void show(Network network) {
    DealReports deals = new DealReports(node);
    ChannelOperations channels = new ChannelOperations(node);
    metrics.show(Metric.CONNECTIONS, () -> network.host().connectionCount());
    showNetwork(network);
    metrics.show(Metric.DEALS_LIVE, deals::running);
    metrics.show(Metric.BLOCKS, () -> node.blocks().blocks());
    metrics.show(Metric.BLOCKS_BYTES, () -> node.blocks().bytes());
    metrics.show(Metric.SWARM_CHUNKS, network::swarmChunks);
    metrics.show(Metric.JOURNAL_RECORDS, () -> node.store().journalTotals().records());
    metrics.show(Metric.JOURNAL_SYNCS, () -> node.store().journalTotals().syncs());
    metrics.show(Metric.JOURNAL_BYTES, () -> node.store().journalTotals().bytes());
    metrics.show(Metric.HEAP, NodeFigures::heap);
    metrics.show(Metric.DSYNC_SESSIONS, () -> node.sync().underWay());
    metrics.show(Metric.SERVED, deals::bytesServed);
    node.config().tokens().accepted().forEach(token -> showBooks(deals, channels, token));
  }

  private void showBooks(DealReports deals, ChannelOperations channels, EvmAddress token) {
    String name = token.toString();
    metrics.show(Metric.OWED, () -> whole(deals.owed().orZero(token)), name);
    books(Metric.EARNED, channels, name, Reports.SumsReport::earned);
    books(Metric.SPENT, channels, name, Reports.SumsReport::spent);
    books(Metric.REDEEMED, channels, name, Reports.SumsReport::redeemed);
  }

  private void books(
      Metric metric,
      ChannelOperations channels,
      String token,
      Function<Reports.SumsReport, TokenAmount> figure) {
    metrics.show(
        metric,
        () ->
            channels.sums(Amounts.NONE).stream()
                .filter(sums -> sums.token().equals(token))
                .map(figure)
                .findFirst()
                .map(NodeFigures::whole)
                .orElse(0.0),
        token);
  }

  /** Adds how far behind a neighbour this node is. */
  synchronized void showSync(String name) {
    if (shownSyncs.add(name)) {
      metrics.show(
          Metric.SYNC_BEHIND,
          () -> node.syncs().one(name).behind().map(Long::doubleValue).orElse(Double.NaN),
          name);
      metrics.show(Metric.SYNC_LAG, () -> node.syncs().one(name).lag().toSeconds(), name);
    }
  }

  private void showNetwork(Network network) {
    Host host = network.host();
    metrics.show(Metric.CONNECTIONS_DIRECTION, () -> host.usage().inboundConnections(), "in");
    metrics.show(Metric.CONNECTIONS_DIRECTION, () -> host.usage().outboundConnections(), "out");
    metrics.show(Metric.STREAMS, () -> host.usage().inboundStreams(), "in");
    metrics.show(Metric.STREAMS, () -> host.usage().outboundStreams(), "out");
    for (String protocol : network.protocols()) {
      metrics.show(
          Metric.PROTOCOL_STREAMS,
          () -> host.usage().streamsByProtocol().getOrDefault(protocol, 0),
          protocol);
    }
    metrics.show(Metric.WINDOWS, () -> host.usage().windowBytes());
    metrics.show(Metric.TURNED_AWAY, () -> host.usage().refusedConnections(), "connection");
    metrics.show(Metric.TURNED_AWAY, () -> host.usage().refusedStreams(), "stream");
    metrics.show(Metric.TURNED_AWAY, () -> host.usage().denied(), "denied");
    metrics.show(Metric.TURNED_AWAY, () -> host.usage().trimmed(), "trimmed");
    metrics.show(Metric.DIALS_FAILED, () -> host.usage().failedDials());
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
}
