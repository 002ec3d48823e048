package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives each stream that a peer opens a virtual thread, a protocol, and the handler of that. */
final class InboundStreams {
  private static final Logger log = LoggerFactory.getLogger(InboundStreams.class);

  /** A protocol that the host serves itself, and which wants to know the connection. */
  interface OwnHandler {
    /** Has the conversation, as {@link StreamHandler} does. */
    void handle(PeerConnection connection, Stream stream) throws IOException;
  }

  private final HostLimits limits;
  private final HostTimeouts timeouts;
  private final Connections connections;
  private final Map<String, OwnHandler> owned;
  private final Map<String, StreamHandler> handlers = new ConcurrentHashMap<>();

  InboundStreams(
      HostLimits limits,
      HostTimeouts timeouts,
      Connections connections,
      Map<String, OwnHandler> owned) {
    this.limits = limits;
    this.timeouts = timeouts;
    this.connections = connections;
    this.owned = owned;
  }

  void handle(String protocol, StreamHandler handler) {
    handlers.put(protocol, handler);
  }

  /** All that is served, in order. */
  Set<String> protocols() {
    Set<String> all = new TreeSet<>(handlers.keySet());
    all.addAll(owned.keySet());
    return all;
  }

  /** Takes a new stream, or resets it if the peer has too many. Does not block. */
  void accept(PeerConnection connection, YamuxStream stream) {
    AtomicInteger inbound = connections.streams(connection.peer()).inbound;
    if (!Connections.StreamCounts.tryTake(inbound, limits.inboundStreamsPerPeer())) {
      stream.reset(ResetCode.LIMIT_EXCEEDED);
      return;
    }
    Thread.ofVirtual()
        .name("libp2p stream")
        .start(
            () -> {
              try {
                serve(connection, stream);
              } finally {
                inbound.decrementAndGet();
              }
            });
  }

  /** Has the whole conversation; blocks. */
  private void serve(PeerConnection connection, YamuxStream raw) {
    String protocol = null;
    try {
      protocol =
          new StreamNegotiation(raw, timeouts.negotiation())
              .respond(name -> handler(connection, name) != null);
    } catch (IOException | ProtocolException failed) {
      log.debug("stream from {} without a protocol: {}", connection.peer(), failed.getMessage());
    }
    StreamHandler handler = protocol == null ? null : handler(connection, protocol);
    if (protocol == null || handler == null) {
      raw.reset(ResetCode.NEGOTIATION_FAILED);
      return;
    }
    AtomicInteger open = connections.streams(connection.peer()).inbound(protocol);
    if (!Connections.StreamCounts.tryTake(open, limits.inboundStreamsPerProtocol())) {
      raw.reset(ResetCode.LIMIT_EXCEEDED);
      return;
    }
    try {
      run(handler, new NegotiatedStream(connection, raw, protocol, true, timeouts, () -> {}));
    } finally {
      open.decrementAndGet();
    }
  }

  private static void run(StreamHandler handler, NegotiatedStream stream) {
    try {
      handler.handle(stream);
      stream.close();
    } catch (ProtocolException violation) {
      log.debug("{} reset: {}", stream, violation.getMessage());
      stream.reset(ResetCode.VIOLATION);
    } catch (IOException failed) {
      log.debug("{} ended: {}", stream, failed.getMessage());
      stream.reset();
    } catch (RuntimeException | Error wrong) {
      log.error("{} reset after a failure of ours", stream, wrong);
      stream.reset();
    }
  }

  private @Nullable StreamHandler handler(PeerConnection connection, String protocol) {
    OwnHandler own = owned.get(protocol);
    return own != null ? stream -> own.handle(connection, stream) : handlers.get(protocol);
  }
}
