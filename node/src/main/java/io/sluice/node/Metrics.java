package io.sluice.node;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.sluice.node.api.ServiceException;
import io.sluice.node.client.ClientMetrics;
import io.sluice.node.provider.ProviderMetrics;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * What a running node shows to Prometheus: what it counts itself, from its start on, and what its
 * books and stores say whenever they are asked.
 */
final class Metrics implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /** The registry holds what it counts weakly. */
  private final List<Figure> kept = new ArrayList<>();

  private interface Figure {
    double read() throws IOException, ServiceException;
  }

  private final ProviderMetrics provider = new ProviderCounters(registry);
  private final ClientMetrics client = new ClientCounters(registry);

  /** Where the provider counts. */
  ProviderMetrics provider() {
    return provider;
  }

  /** Where the client counts. */
  ClientMetrics client() {
    return client;
  }

  /** Adds what can be read off the node at any time. */
  void show(Node node, Network network) {
    DealDesk deals = new DealDesk(node);
    ChannelDesk channels = new ChannelDesk(node);
    gauge("sluice.connections", "Connections to peers", () -> network.host().connectionCount());
    gauge("sluice.deals.live", "Deals under way, both roles", deals::running);
    gauge("sluice.blocks", "Blocks in the store", () -> node.blocks().blocks());
    gauge("sluice.blocks.bytes", "Bytes of the block store", () -> node.blocks().bytes());
    gauge("sluice.owed", "What clients owe, smallest units", () -> whole(deals.owed().toString()));
    counter("sluice.served.bytes", "Bytes charged to clients", deals::bytesServed);
    counter(
        "sluice.earned",
        "Vouchers taken, smallest units",
        () -> whole(channels.sums().earned().toString()));
    counter(
        "sluice.spent",
        "Vouchers given, smallest units",
        () -> whole(channels.sums().spent().toString()));
    counter(
        "sluice.redeemed",
        "Paid out by the ledger, smallest units",
        () -> whole(channels.sums().redeemed().toString()));
  }

  private static double whole(String amount) {
    return new BigInteger(amount).doubleValue();
  }

  private void gauge(String name, String what, Figure figure) {
    Gauge.builder(name, figure, Metrics::read)
        .description(what)
        .strongReference(true)
        .register(registry);
  }

  private void counter(String name, String what, Figure figure) {
    var unused =
        FunctionCounter.builder(name, figure, Metrics::read).description(what).register(registry);
    kept.add(figure);
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
