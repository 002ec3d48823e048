package io.sluice.node.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Lets in whoever comes. Of those who have not called yet there may be only so many: beyond that
 * the one who came first is dropped, so that connections that say nothing, or say it a letter at a
 * time, keep no command out. Each connection has a thread of its own, by which it is known here.
 */
final class PendingCallers implements ServerConnectionSelector {
  private final ServerConnectionSelector http =
      Http1ConnectionSelector.builder().config(Http1Config.create()).build();
  private final int most;

  /** By who came first; guarded by this. */
  private final Map<Thread, HelidonSocket> pending = new LinkedHashMap<>();

  PendingCallers(int most) {
    this.most = most;
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    came(context.serverSocket());
    return new LeavingConnection(http.connection(context));
  }

  private synchronized void came(HelidonSocket socket) {
    pending.put(Thread.currentThread(), socket);
    if (pending.size() > most) {
      Iterator<HelidonSocket> first = pending.values().iterator();
      HelidonSocket dropped = first.next();
      first.remove();
      dropped.close(); // its thread sees that and ends
    }
  }

  /** This thread's connection has brought a call that may be made, or has ended. */
  synchronized void noLongerPending() {
    pending.remove(Thread.currentThread());
  }

  @Override
  public int bytesToIdentifyConnection() {
    return http.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return http.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http.supportedApplicationProtocols();
  }

  /** The library's connection, which is forgotten here when it ends. */
  private final class LeavingConnection implements ServerConnection {
    private final ServerConnection connection;

    LeavingConnection(ServerConnection connection) {
      this.connection = connection;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
      try {
        connection.handle(limit);
      } finally {
        noLongerPending();
      }
    }

    @Override
    public Duration idleTime() {
      return connection.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
      connection.close(interrupt);
    }
  }
}
