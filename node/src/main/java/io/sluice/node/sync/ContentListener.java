package io.sluice.node.sync;

import io.helidon.webserver.WebServer;
import io.sluice.protocol.dsync.DsyncNames;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Where content is served over HTTP, to anybody who can reach the address: dsync, at {@code
 * /dsync}. Never what operators do, which has a listener of its own. Each request runs on a virtual
 * thread.
 */
public final class ContentListener implements AutoCloseable {
  /** Each may hold a request's body in memory, see {@link SyncLimits#bodyBytes}, and a block. */
  private static final int MAX_CONNECTIONS = 512;

  private static final Duration IDLE = Duration.ofMinutes(1);
  private static final Duration LOOK = Duration.ofSeconds(5);

  private final String host;
  private final WebServer server;

  private ContentListener(String host, int port, DsyncRoutes dsync) {
    this.host = host;
    this.server =
        WebServer.builder()
            .address(new InetSocketAddress(host, port).getAddress())
            .port(port)
            .shutdownHook(false)
            .maxTcpConnections(MAX_CONNECTIONS)
            .idleConnectionTimeout(IDLE)
            .idleConnectionPeriod(LOOK)
            .routing(routing -> routing.any(DsyncNames.PATH, dsync::handle))
            .build()
            .start();
    if (!server.isRunning()) { // all it does about a port in use is to log it
      throw new UncheckedIOException(
          new BindException("cannot listen on %s:%d".formatted(host, port)));
    }
  }

  /**
   * Starts listening.
   *
   * @param host a name or address of this machine
   * @param port 0 for any free one
   */
  public static ContentListener start(String host, int port, SyncService service) {
    return new ContentListener(host, port, new DsyncRoutes(service));
  }

  /** Where dsync is found. */
  public String url() {
    return "http://%s:%d%s"
        .formatted(host.contains(":") ? "[" + host + "]" : host, server.port(), DsyncNames.PATH);
  }

  @Override
  public void close() {
    server.stop();
  }
}
