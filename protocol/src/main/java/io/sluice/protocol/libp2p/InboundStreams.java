package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
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

  private final HostTimeouts timeouts;
  private final ResourceScopes scopes;
  private final Map<String, OwnHandler> owned;
  private final Map<String, StreamHandler> handlers = new ConcurrentHashMap<>();

  InboundStreams(HostTimeouts timeouts, ResourceScopes scopes, Map<String, OwnHandler> owned) {
    this.timeouts = timeouts;
    this.scopes = scopes;
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
    ResourceScopes.Lease lease = scopes.inbound(connection.peer());
    if (lease == null) {
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
                lease.giveBack();
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
    ResourceScopes.Lease lease = scopes.inbound(connection.peer(), protocol);
    if (lease == null) {
      raw.reset(ResetCode.LIMIT_EXCEEDED);
      return;
    }
    try {
      run(handler, new NegotiatedStream(connection, raw, protocol, true, timeouts, () -> {}));
    } finally {
      lease.giveBack();
    }
  }

  private static void run(StreamHandler handler, NegotiatedStream stream) {
    try {
      handler.handle(stream);
      stream.close();
    } catch (ProtocolException violation) {
      log.debug("{} reset: {}", stream, violation.getMessage());
      stream.reset(ResetCode.VIOLATION);
    } catch (PeerDeniedException denied) {
      log.debug("{} reset: {}", stream, denied.getMessage());
      stream.reset(ResetCode.GATED);
    } catch (LimitExceededException tooMuch) {
      log.debug("{} reset: {}", stream, tooMuch.getMessage());
      stream.reset(ResetCode.LIMIT_EXCEEDED);
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
