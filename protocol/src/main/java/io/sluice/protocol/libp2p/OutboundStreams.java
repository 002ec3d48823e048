package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import java.io.IOException;
import java.util.List;

/**
 * Opens streams on connections that stand, and agrees on their protocol. Blocks for as long as the
 * peer takes to answer, and not at all where it has said before what it speaks. Safe for all
 * threads.
 *
 * <p>Every stream holds a place among those that may be open to its peer, from before the peer
 * hears of it until it is closed or reset, or has not come about: so a caller that opens without
 * end is refused here, and does not bring the peer to refuse all others of this host.
 */
final class OutboundStreams {
  private final HostLimits limits;
  private final HostTimeouts timeouts;
  private final ResourceScopes scopes;

  OutboundStreams(HostLimits limits, HostTimeouts timeouts, ResourceScopes scopes) {
    this.limits = limits;
    this.timeouts = timeouts;
    this.scopes = scopes;
  }

  /**
   * A new stream.
   *
   * @param protocols those that will do, best first
   * @throws LimitExceededException if there are too many to that peer
   * @throws HandshakeException if it answers what is no answer
   * @throws IOException if it speaks none of them, or cannot be asked
   */
  Stream open(PeerConnection connection, List<String> protocols) throws IOException {
    ResourceScopes.Lease lease = scopes.outbound(connection.peer());
    if (lease == null) {
      throw new LimitExceededException(
          limits.outboundStreamsPerPeer() + " streams to " + connection.peer() + " are open");
    }
    boolean opened = false;
    try {
      Stream stream = negotiate(connection, protocols, lease::giveBack);
      opened = true;
      return stream;
    } finally {
      if (!opened) {
        lease.giveBack();
      }
    }
  }

  private Stream negotiate(PeerConnection connection, List<String> protocols, Runnable onEnd)
      throws IOException {
    YamuxStream raw = connection.openRaw();
    String known = connection.knownToSpeak(protocols);
    if (known != null) {
      return new NegotiatedStream(connection, raw, known, false, timeouts, onEnd);
    }
    try {
      String agreed =
          new StreamNegotiation(raw, timeouts.negotiation()).propose(connection.peer(), protocols);
      return new NegotiatedStream(connection, raw, agreed, true, timeouts, onEnd);
    } catch (ProtocolException malformed) {
      // One stream, not the connection: what else runs on it may be another program's work.
      raw.reset(ResetCode.NEGOTIATION_FAILED);
      throw new HandshakeException("negotiation: " + malformed.getMessage(), malformed);
    } catch (IOException failed) {
      raw.reset(ResetCode.NEGOTIATION_FAILED);
      throw failed;
    }
  }
}
