package io.sluice.protocol.graphsync;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.libp2p.ConnectionLostException;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The GraphSync endpoint of a host: asks peers for DAGs and answers their requests. Thread-safe.
 *
 * <p>A stream goes one way. What a peer says comes on streams of its own and is taken apart here,
 * on a virtual thread for each stream: requests become {@link ResponseRun}s, responses go to the
 * {@link RequestRun}s they are for. What we say goes through the {@link Outbox} of the peer.
 *
 * <pre>
 *   stream in ── frame ── message ─┬─ requests ──▶ ResponseRun (a walk) ──▶ Outbox ── stream out
 *                                  └─ responses ─▶ Inbox ──▶ RequestRun (a walk) ──▶ store
 *                                       blocks are hashed on a pool meanwhile
 * </pre>
 *
 * <p>Spec: GraphSync 2.0.0 and 1.0.0.
 */
public final class Graphsync implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Graphsync.class);
  private static final int MAX_BLOCK = 2 << 20;

  private final Host host;
  private final GraphsyncConfig config;
  private final IncomingRequests incoming;
  private final SendMemory memory;
  private final WalkTurns responseTurns;
  private final WalkTurns requestTurns;
  private final RequestNumbers numbers = new RequestNumbers();
  private final ConcurrentMap<PeerId, PeerLink> links = new ConcurrentHashMap<>();
  private final List<Consumer<PeerId>> lossListeners = new CopyOnWriteArrayList<>();
  private final ExecutorService hashing;
  private final SecureRandom random = new SecureRandom();
  private volatile boolean closed;

  private Graphsync(Host host, GraphsyncConfig config, IncomingRequests incoming) {
    this.host = host;
    this.config = config;
    this.incoming = incoming;
    this.memory = new SendMemory(config.sendBytesPerPeer(), config.sendBytes());
    this.responseTurns = new WalkTurns(config.walksPerPeer(), config.walks());
    this.requestTurns = new WalkTurns(config.requests(), config.requests());
    this.hashing =
        Executors.newFixedThreadPool(
            Runtime.getRuntime().availableProcessors(),
            Thread.ofPlatform().daemon().name("graphsync-hash-", 0).factory());
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
    PeerLink link = link(peer);
    link.outbox.reachAt(spec.addresses());
    RequestId id = RequestId.random(random);
    RequestRun run =
        new RequestRun(
            peer,
            id,
            spec,
            store,
            listener,
            new RequestRun.Place(config, link.outbox, requestTurns),
            () -> link.requests.remove(id));
    link.requests.put(id, run);
    run.start();
    return run;
  }

  /**
   * Adds a listener that hears when a stream of a peer broke or its last connection is gone, which
   * has ended what was under way with it. Must not block.
   */
  public void onPeerLost(Consumer<PeerId> listener) {
    lossListeners.add(listener);
  }

  /** What is going on. */
  public GraphsyncStats stats() {
    int requests = 0;
    int responses = 0;
    for (PeerLink link : links.values()) {
      requests += link.requests.size();
      responses += link.responses.size();
    }
    return new GraphsyncStats(requests, responses, responseTurns.waiting(), memory.used());
  }

  /** Ends all requests and responses without a word, and frees all threads. Idempotent. */
  @Override
  public void close() {
    closed = true;
    IOException cause = new ConnectionLostException("the endpoint is closed");
    for (PeerLink link : links.values()) {
      List.copyOf(link.requests.values()).forEach(run -> run.networkError(cause));
      link.lost(cause, true);
      link.outbox.close();
    }
    hashing.shutdown();
  }

  private PeerLink link(PeerId peer) {
    return links.computeIfAbsent(
        peer, ignored -> new PeerLink(peer, new Outbox(peer, host, config, memory, numbers)));
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
    FrameReader frames = new FrameReader(stream, Duration.ZERO, config.progress(), turn);
    try {
      for (ByteBuffer frame = frames.next(); frame != null; frame = frames.next()) {
        turn.await();
        link.outbox.prefer(version);
        receive(link, version.decode(frame, numbers));
      }
    } catch (ProtocolException e) {
      LOG.debug("stream of {} is malformed", link.peer, e);
      IOException cause =
          new IOException("malformed message: " + e.code() + ", " + e.getMessage(), e);
      broken(link, cause);
      throw cause;
    } catch (IOException e) {
      if (frames.begun()) {
        LOG.debug("stream of {} broke", link.peer, e);
        broken(link, e);
      }
      throw e;
    }
  }

  private void broken(PeerLink link, IOException cause) {
    link.lost(cause, false);
    lossListeners.forEach(listener -> listener.accept(link.peer));
  }

  private void disconnected(PeerId peer) {
    PeerLink link = links.get(peer);
    if (link == null || host.isConnected(peer)) {
      return;
    }
    link.lost(new ConnectionLostException("no connection to " + peer + " is left"), true);
    lossListeners.forEach(listener -> listener.accept(peer));
    if (link.isIdle()) {
      links.remove(peer, link);
    }
  }

  private void receive(PeerLink link, GraphsyncMessage message) {
    for (GsBlock block : message.blocks()) {
      if (block.data().remaining() > MAX_BLOCK) {
        throw new ProtocolException(
            ProtocolException.BLOCK_TOO_LARGE, "block of " + block.data().remaining() + " bytes");
      }
    }
    message.requests().forEach(request -> receive(link, request));
    List<GsResponse> ours = new ArrayList<>(message.responses());
    ours.removeIf(response -> !link.requests.containsKey(response.id()));
    if (ours.isEmpty()) {
      return;
    }
    Arrival arrival = Arrival.of(message, hashing);
    for (GsResponse response : ours) {
      RequestRun run = link.requests.get(response.id());
      if (run != null) {
        run.receive(response, arrival);
      }
    }
  }

  private void receive(PeerLink link, GsRequest request) {
    ResponseRun known = link.responses.get(request.id());
    switch (request.kind()) {
      case NEW -> {
        if (known != null) {
          known.cancelledByPeer();
        }
        begin(link, request);
      }
      case CANCEL -> {
        if (known != null) {
          known.cancelledByPeer();
        }
      }
      case UPDATE -> {
        if (known != null) {
          known.update(request.extensions());
        }
      }
    }
  }

  private void begin(PeerLink link, GsRequest request) {
    if (closed) {
      return;
    }
    ResponseRun.Place place =
        new ResponseRun.Place(config, link.outbox, memory, responseTurns, link.links, incoming);
    ResponseRun run =
        new ResponseRun(
            link.peer, request, place, ended -> link.responses.remove(ended.id(), ended));
    link.responses.put(request.id(), run);
    run.start();
  }
}
