package io.sluice.protocol.libp2p;

import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One peer of a libp2p network: it listens, dials, and carries streams of any number of protocols
 * over one secured connection for each remote peer.
 *
 * <p>Everything here may be called from any thread. Methods that throw {@link IOException} block,
 * for as long as {@link HostTimeouts} allows, and are meant for virtual threads; they fail with one
 * of the types of {@link Libp2pException} and never hang.
 */
public interface Host extends AutoCloseable {
  /** The name of this host: a hash of its public key. */
  PeerId id();

  /** The addresses it listens on, with the ports that were really bound, without {@code /p2p}. */
  List<Multiaddr> addresses();

  /**
   * Serves a protocol from now on. Each inbound stream gets a virtual thread of its own; the stream
   * is closed when the handler returns, and reset when it throws. Connected peers are told.
   *
   * @param protocol the id exactly as peers propose it, such as {@code /ipfs/ping/1.0.0}
   */
  void handle(String protocol, StreamHandler handler);

  /**
   * Serves a protocol whose programs open a stream for each thing that they want, all at once. What
   * a peer opens beyond what may be served of it at a time waits for its turn, in order, instead of
   * being refused; it is accepted only then, which keeps the peer from opening more. A turn is over
   * when both ends have closed the stream. Nothing is read from a stream that waits: its peer may
   * have sent a first window by then, which counts in {@link HostLimits#windowMemory}.
   *
   * @param protocol the id exactly as peers propose it
   * @param atOnce most of its streams that are served at a time for one peer, 1 or more; no more
   *     than {@link HostLimits#inboundStreamsPerProtocol}
   */
  default void handleInTurn(String protocol, int atOnce, StreamHandler handler) {
    handle(protocol, handler);
  }

  /**
   * Makes sure that there is a connection to a peer: one that exists already, or a new one to the
   * first address that answers. Concurrent calls for one peer share one dial.
   *
   * @param addresses where to look, with or without {@code /p2p}; what is known from before is
   *     tried as well
   * @throws PeerMismatchException if somebody else answered
   * @throws ConnectionRefusedException if nobody listens there
   * @throws TimedOutException if nobody answered in time
   * @throws UnreachableException if there was no address to dial, or the network says no
   */
  void connect(PeerId peer, List<Multiaddr> addresses) throws IOException;

  /**
   * Opens a stream, connecting first where needed.
   *
   * @param protocols in order of preference; the first that the peer speaks is taken
   * @throws ProtocolNotSupportedException if the peer speaks none of them; where the peer's list is
   *     known from identify the answer may come only with the first read or with {@link
   *     Stream#close()}
   */
  Stream open(PeerId peer, List<Multiaddr> addresses, List<String> protocols) throws IOException;

  /** Measures one round trip by {@code /ipfs/ping/1.0.0}, connecting first where needed. */
  Duration ping(PeerId peer, List<Multiaddr> addresses) throws IOException;

  /**
   * Where a peer may be dialled: what it said in identify and what worked for us. Empty for
   * strangers, and for peers that dialled us and listen nowhere; those can be reached while their
   * connection lasts.
   */
  List<Multiaddr> knownAddresses(PeerId peer);

  /** Whether there is a connection at this moment, whoever dialled. */
  boolean isConnected(PeerId peer);

  /** How many secured connections there are at this moment. */
  int connectionCount();

  /**
   * How often a peer's last connection has gone so far, of all peers together. Whoever notes it
   * when something begins can tell later whether a loss concerns that.
   */
  long losses();

  /**
   * Spares the connections of peers when some are closed because there are many.
   *
   * @param busy whether something is under way with a peer that must not be cut off; asked often,
   *     from event loops too
   */
  default void spare(Predicate<PeerId> busy) {}

  /** The connections of this moment, in no order; none where there is nothing to know. */
  default List<ConnectedPeer> connectedPeers() {
    return List.of();
  }

  /** What is in use; nothing where nothing is counted. */
  default HostUsage usage() {
    return new HostUsage(0, 0, 0, 0, Map.of(), 0, 0, 0, 0, 0, 0);
  }

  /**
   * Adds a listener that hears of a peer whose last connection is gone. It runs on a virtual thread
   * of its own, so by then there may be a new one.
   */
  void onDisconnect(Consumer<PeerLoss> listener);

  /** The protocols that a peer said it serves; empty until identify has run. */
  Set<String> protocolsOf(PeerId peer);

  /** Stops listening, says goodbye, resets all streams and frees all threads. Idempotent. */
  @Override
  void close();
}
