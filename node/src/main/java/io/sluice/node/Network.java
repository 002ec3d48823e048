package io.sluice.node;

import io.sluice.node.api.ServiceException;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.HostConfig;
import io.sluice.protocol.libp2p.Libp2pHost;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a node that talks to peers, and the thread that keeps money in step meanwhile. Opened
 * after everything that it answers from.
 */
final class Network implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Network.class);
  private static final long POLL_MILLIS = 250;

  /** What a node does on the network. */
  enum Mode {
    /** Reaches peers, nothing else. */
    DIAL,
    /** Buys. */
    BUY,
    /** Buys and sells, and can be reached. */
    SERVE
  }

  private final Host host;
  private final ScheduledExecutorService polling;

  private Network(Host host, ScheduledExecutorService polling) {
    this.host = host;
    this.polling = polling;
  }

  static Network join(Node node, Mode mode) throws IOException, ServiceException {
    HostConfig config =
        HostConfig.of(node.home().identity())
            .withAgent("sluice")
            .withListen(mode == Mode.SERVE ? node.config().listen() : List.of());
    Host host = Libp2pHost.start(config);
    ScheduledExecutorService polling =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("money").daemon().factory());
    Network network = new Network(host, polling);
    if (mode != Mode.DIAL) {
      network.poll(node);
    }
    return network;
  }

  private void poll(Node node) {
    var unused =
        polling.scheduleWithFixedDelay(
            () -> {
              try {
                node.payments().poll();
              } catch (IOException | ServiceException | RuntimeException e) {
                LOG.error("payments cannot go on", e);
                polling.shutdown();
              }
            },
            POLL_MILLIS,
            POLL_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  Host host() {
    return host;
  }

  /** Takes no new work and waits for what is under way. */
  void drain(Duration patience) {}

  @Override
  public void close() {
    polling.shutdownNow();
    host.close();
  }
}
