package io.sluice.protocol.graphsync.endpoint;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.graphsync.GraphsyncConfig;
import io.sluice.protocol.graphsync.GraphsyncStats;
import io.sluice.protocol.graphsync.IncomingRequests;
import io.sluice.protocol.graphsync.OutgoingRequest;
import io.sluice.protocol.graphsync.RequestListener;
import io.sluice.protocol.graphsync.RequestSpec;
import io.sluice.protocol.graphsync.queue.MessageQueue;
import io.sluice.protocol.graphsync.queue.SendMemory;
import io.sluice.protocol.graphsync.requestor.Requestor;
import io.sluice.protocol.graphsync.responder.Responder;
import io.sluice.protocol.graphsync.wire.FrameReader;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.GsBlock;
import io.sluice.protocol.graphsync.wire.ReceiveMemory;
import io.sluice.protocol.graphsync.wire.RequestNumbers;
import io.sluice.protocol.graphsync.wire.WireVersion;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.libp2p.ConnectionLostException;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.PeerLoss;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The GraphSync endpoint of a host: asks peers for DAGs and answers their requests. Thread-safe.
 *
 * <p>A stream goes one way. What a peer says comes on streams of its own and is taken apart here,
 * on a virtual thread for each stream: requests become responses of ours, responses go to the
 * requests they are for. What we say goes through the {@link MessageQueue} of the peer. Requestor
 * and responder know nothing of each other; here they are put together.
 *
 * <pre>
 *   stream in ── frame ── message ─┬─ requests ──▶ PeerResponses ──▶ a walk ──▶ MessageQueue ── stream out
 *                                  └─ responses ─▶ PeerRequests ──▶ a walk ──▶ store
 *                                       blocks are hashed on a pool meanwhile
 * </pre>
 *
 * <p>Spec: GraphSync 2.0.0 and 1.0.0.
 */
public final class Graphsync implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Graphsync.class);
  private static final int MAX_BLOCK = 2 << 20;

  /** Bytes of long frames that are being received and worked off, from one peer and from all. */
  private static final long FRAMES_PER_PEER = 16L << 20;

  private static final long FRAMES = 128L << 20;

  private final Host host;
  private final GraphsyncConfig config;
  private final SendMemory memory;
  private final ReceiveMemory receiving = new ReceiveMemory(FRAMES_PER_PEER, FRAMES);
  private final Requestor requestor;
  private final Responder responder;
  private final RequestNumbers numbers = new RequestNumbers();
  private final ConcurrentMap<PeerId, PeerLink> links = new ConcurrentHashMap<>();
  private volatile boolean closed;

  private Graphsync(Host host, GraphsyncConfig config, IncomingRequests incoming) {
    this.host = host;
    this.config = config;
    this.memory = new SendMemory(config.sendBytesPerPeer(), config.sendBytes());
    this.requestor = new Requestor(config);
    this.responder = new Responder(config, memory, incoming);
  }

  /**
   * Serves both protocols of a host from now on.
   *
   * @param incoming decides about the requests of peers
   */
  public static Graphsync start(Host host, GraphsyncConfig config, IncomingRequests incoming) {
    Graphsync endpoint = new Graphsync(host, config, incoming);
    for (String protocol : WireVersion.protocols()) {
      host.handle(protocol, endpoint::read);
    }
    host.onDisconnect(endpoint::disconnected);
    host.spare(endpoint::isServing);
    return endpoint;
  }

  /**
   * Asks a peer for a DAG. Returns at once; the walk runs on a virtual thread of its own and may
   * first wait for its turn.
   *
   * @param store where blocks are looked up before they are asked for, and where those that come
   *     are put. They are readable at once; whoever needs them durable calls {@link
   *     BlockStore#sync}
   * @param listener hears how it goes
   */
  public OutgoingRequest request(
      PeerId peer, RequestSpec spec, BlockStore store, RequestListener listener) {
    if (closed) {
      throw new IllegalStateException("the endpoint is closed");
    }
    return link(peer).requests.start(spec, store, listener);
  }

  /** What is going on. */
  public GraphsyncStats stats() {
    int requests = 0;
    int responses = 0;
    for (PeerLink link : links.values()) {
      requests += link.requests.size();
      responses += link.responses.size();
    }
    return new GraphsyncStats(requests, responses, responder.turns().waiting(), memory.used());
  }

  /** Ends all requests and responses without a word, and frees all threads. Idempotent. */
  @Override
  public void close() {
    closed = true;
    IOException cause = new ConnectionLostException("the endpoint is closed");
    for (PeerLink link : links.values()) {
      link.requests.end(cause);
      link.responses.end(cause);
      link.queue.close();
    }
    requestor.close();
  }

  private PeerLink link(PeerId peer) {
    return links.computeIfAbsent(
        peer,
        ignored ->
            new PeerLink(
                new MessageQueue(peer, host, config, memory, numbers), requestor, responder));
  }

  /** Whether something is under way with a peer. */
  private boolean isServing(PeerId peer) {
    PeerLink link = links.get(peer);
    return link != null && link.requests.size() + link.responses.size() > 0;
  }

  // ---- reading

  private void read(Stream stream) throws IOException {
    PeerLink link = link(stream.remotePeer());
    StreamTurn turn = link.enter();
    try {
      read(stream, link, turn);
    } finally {
      link.leave(turn);
    }
  }

  private void read(Stream stream, PeerLink link, StreamTurn turn) throws IOException {
    WireVersion version = WireVersion.ofProtocol(stream.protocol());
    // A silent stream is nobody's fault: what it waits for may be a payment. Only within a frame
    // silence is an error.
    try (FrameReader frames =
        new FrameReader(stream, Duration.ZERO, config.progress(), turn, receiving)) {
      read(frames, version, link, turn);
    }
  }

  private void read(FrameReader frames, WireVersion version, PeerLink link, StreamTurn turn)
      throws IOException {
    try {
      for (ByteBuffer frame = frames.next(); frame != null; frame = frames.next()) {
        turn.await();
        link.queue.prefer(version);
        receive(link, version.decode(frame, numbers));
      }
    } catch (ProtocolException e) {
      LOG.debug("stream of {} is malformed", link.peer(), e);
      IOException cause =
          new IOException("malformed message: " + e.code() + ", " + e.getMessage(), e);
      link.requests.lost(cause);
      throw cause;
    } catch (IOException e) {
      if (frames.begun()) {
        LOG.debug("stream of {} broke", link.peer(), e);
        turn.await(); // what came before it counts, and may be all that somebody waits for
        link.requests.lost(e);
      }
      throw e;
    }
  }

  private void disconnected(PeerLoss loss) {
    PeerLink link = links.get(loss.peer());
    if (link == null) {
      return;
    }
    try {
      link.disconnected(
          loss,
          new ConnectionLostException("no connection to " + loss.peer() + " is left"),
          config.progress());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (link.isIdle() && !host.isConnected(loss.peer())) {
      links.remove(loss.peer(), link);
    }
  }

  private void receive(PeerLink link, GraphsyncMessage message) {
    for (GsBlock block : message.blocks()) {
      if (block.data().remaining() > MAX_BLOCK) {
        throw new ProtocolException(
            ProtocolException.BLOCK_TOO_LARGE, "block of " + block.data().remaining() + " bytes");
      }
    }
    if (!closed) {
      message.requests().forEach(request -> link.responses.receive(request.detached()));
    }
    link.requests.receive(message);
  }
}
