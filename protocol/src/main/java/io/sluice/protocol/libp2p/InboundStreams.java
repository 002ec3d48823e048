package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each stream that a peer opens a virtual thread, a protocol, and the handler of that.
 *
 * <p>A stream counts twice. From its opening on it is one of those that its peer may have open,
 * asked on the event loop and never waited for; with its protocol agreed on it is one of those that
 * are served, and only then it is accepted in yamux. So a peer that opens streams and says nothing
 * uses up its own backlog, and each of them for no longer than a negotiation may take.
 *
 * <p>How a handler ends decides what the peer hears: a return closes the stream, anything thrown
 * resets it, with the code of the kind. A failure of ours is logged with its trace and ends one
 * stream, not the connection. Spec: multistream-select; libp2p, connections, resets with codes.
 */
final class InboundStreams {
  private static final Logger log = LoggerFactory.getLogger(InboundStreams.class);

  /** A protocol that the host serves itself, and which wants to know the connection. */
  interface OwnHandler {
    /** Has the conversation, as {@link StreamHandler} does. */
    void handle(PeerConnection connection, Stream stream) throws IOException;
  }

  /**
   * How streams of a protocol are served.
   *
   * @param inTurn so many of one peer at a time, the others wait; 0 to refuse what is too many
   */
  private record Service(StreamHandler handler, int inTurn) {
    boolean waits() {
      return inTurn > 0;
    }
  }

  private final HostTimeouts timeouts;
  private final ResourceScopes scopes;
  private final Map<String, OwnHandler> owned;
  private final Map<String, Service> services = new ConcurrentHashMap<>();

  InboundStreams(HostTimeouts timeouts, ResourceScopes scopes, Map<String, OwnHandler> owned) {
    this.timeouts = timeouts;
    this.scopes = scopes;
    this.owned = owned;
  }

  void handle(String protocol, StreamHandler handler) {
    services.put(protocol, new Service(handler, 0));
  }

  void handleInTurn(String protocol, int atOnce, StreamHandler handler) {
    services.put(protocol, new Service(handler, atOnce));
  }

  /** All that is served, in order. */
  Set<String> protocols() {
    Set<String> all = new TreeSet<>(services.keySet());
    all.addAll(owned.keySet());
    return all;
  }

  /** Takes a new stream, or resets it if the peer has too many. Does not block. */
  void accept(PeerConnection connection, YamuxStream stream) {
    ResourceScopes.Lease lease = scopes.inbound(connection.peer());
    // At once, and not in turn: it has no protocol yet that could say that it waits.
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
              .respond(name -> service(connection, name) != null);
    } catch (IOException | ProtocolException failed) {
      log.debug("stream from {} without a protocol: {}", connection.peer(), failed.getMessage());
    }
    // Looked up anew: what was served when it was agreed on may not be any more.
    Service service = protocol == null ? null : service(connection, protocol);
    if (protocol == null || service == null) {
      raw.reset(ResetCode.NEGOTIATION_FAILED);
      return;
    }
    ResourceScopes.Lease lease = lease(connection.peer(), protocol, service);
    if (lease == null) {
      raw.reset(ResetCode.LIMIT_EXCEEDED);
      return;
    }
    try {
      raw.accept();
      run(
          service.handler(),
          new NegotiatedStream(connection, raw, protocol, true, timeouts, () -> {}));
      if (service.waits()) {
        // Until then it holds what its peer has not read, and the next would hold as much again.
        raw.awaitEnd(timeouts.linger().toNanos());
      }
    } catch (InterruptedIOException stop) {
      raw.reset(ResetCode.NONE);
    } finally {
      lease.giveBack();
    }
  }

  /** A place among those that are served; null if there are too many, or this host is closing. */
  private ResourceScopes.@Nullable Lease lease(PeerId peer, String protocol, Service by) {
    try {
      return by.waits()
          ? scopes.await(peer, protocol, by.inTurn())
          : scopes.inbound(peer, protocol);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return null;
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

  private @Nullable Service service(PeerConnection connection, String protocol) {
    OwnHandler own = owned.get(protocol);
    return own != null
        ? new Service(stream -> own.handle(connection, stream), 0)
        : services.get(protocol);
  }
}
