package io.sluice.protocol.libp2p;

import io.netty.channel.Channel;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host: TCP, secured by TLS 1.3 or Noise, multiplexed by yamux; serves identify and ping by
 * itself.
 *
 * <p>Threads: a few event loops move bytes and never block. Each inbound stream, each identify and
 * each listener runs on a virtual thread.
 *
 * <pre>
 *   open ── connection ── Dialer ─▶ TcpTransport ─▶ ConnectionUpgrade ─┐
 *               └── Connections ◀── register, established ◀────────────┤
 *   peer connects ─▶ TcpTransport: admits ─▶ ConnectionUpgrade ────────┘
 *               PeerConnection, YamuxSession ─▶ onStream ─▶ InboundStreams ─▶ handlers
 * </pre>
 *
 * <p>It puts the others together and decides little: who may enter is the gater's word, how many
 * the limits', who has to go {@link Connections}'. Every connection is asked by identify what it
 * speaks and where it listens, and what a peer says of itself is believed of itself only. There may
 * be several connections to a peer, since both ends may dial at once; a stream takes the oldest.
 *
 * <p>Order of an end: a connection is out of {@link Connections} before its loss is counted and
 * told, and its streams have failed before that. Whoever hears of a loss can dial anew. Spec:
 * libp2p, connections, identify.
 */
public final class Libp2pHost implements Host {
  private static final Logger log = LoggerFactory.getLogger(Libp2pHost.class);

  /** How long closing waits for peers to hang up, all of them together at worst one by one. */
  private static final Duration GOODBYE = Duration.ofSeconds(1);

  private static final Duration LOOK_AT_ADDRESSES = Duration.ofMinutes(1);

  /** A host that starts registers many protocols in a row; peers are told once. */
  private static final Duration PUSH_DELAY = Duration.ofMillis(200);

  private final HostConfig config;
  private final ConnectionUpgrade.Means means;
  private final SecureRandom random = new SecureRandom();
  private final WindowBudget windows;
  private final Connections connections;
  private final PeerBook book = new PeerBook();
  private final Dialer dialer;
  private final OwnRecords records;
  private final Identify identify;
  private final LongAdder denied = new LongAdder();
  private final InboundStreams inbound;
  private final OutboundStreams outbound;
  private final TcpTransport transport;
  private final List<Consumer<PeerLoss>> disconnectListeners = new CopyOnWriteArrayList<>();
  private volatile List<Multiaddr> addresses = List.of();
  private final AtomicBoolean pushScheduled = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();

  private Libp2pHost(HostConfig config) {
    this.config = config;
    byte[] noiseSecret = new byte[NoiseHandshake.KEY];
    random.nextBytes(noiseSecret);
    // Not on every platform: the library is native. Peers then speak Noise, as all of them can.
    boolean tls = config.security().contains(Security.TLS) && TlsContexts.available();
    this.means =
        new ConnectionUpgrade.Means(
            config.identity(),
            config.security(),
            tls ? TlsContexts.create(config.identity(), config.clock().instant()) : null,
            noiseSecret,
            random,
            config.clock(),
            config.timeouts().upgrade());
    this.windows = new WindowBudget(config.limits().windowMemory());
    // Spared for as long as it takes to see whether anything moves on them.
    this.connections = new Connections(config.limits(), config.timeouts().keepAlive());
    this.records = new OwnRecords(config.identity(), config.clock());
    this.identify = new Identify(this, config.timeouts());
    this.inbound =
        new InboundStreams(
            config.timeouts(),
            connections.streams(),
            Map.of(
                Identify.PROTOCOL, identify::answer,
                Identify.PUSH, identify::hear,
                Ping.PROTOCOL, (connection, stream) -> Ping.answer(stream)));
    this.outbound = new OutboundStreams(config.limits(), config.timeouts(), connections.streams());
    this.transport =
        new TcpTransport(means, config.limits(), config.timeouts(), new ConnectionEvents());
    this.dialer = new Dialer(transport::dial, config.timeouts(), config.gater());
  }

  /**
   * Starts a host and returns when it listens on all of its addresses.
   *
   * @throws IOException if an address cannot be listened on; then nothing is left running
   */
  public static Host start(HostConfig config) throws IOException {
    Libp2pHost host = silent(config);
    try {
      host.listen();
      return host;
    } catch (IOException | RuntimeException failed) {
      host.close();
      throw failed;
    }
  }

  /**
   * A host that can dial and does not listen before {@link #listen}: until then protocols can be
   * registered without a peer ever seeing some of them missing.
   */
  public static Libp2pHost silent(HostConfig config) {
    return new Libp2pHost(config);
  }

  /**
   * Listens on all of the configured addresses; returns when it does. To be called once.
   *
   * @throws IOException if an address cannot be listened on; the host is then to be closed
   */
  public void listen() throws IOException {
    for (Multiaddr address : config.listen()) {
      transport.listen(address);
    }
    List<Multiaddr> reachable = transport.reachable();
    if (!reachable.isEmpty()) {
      addressesAre(reachable);
      // They come and go with the machine's networks, and nobody tells a program.
      transport.every(
          () -> start("addresses", () -> addressesAre(transport.reachable())),
          LOOK_AT_ADDRESSES.toMillis());
    }
  }

  /** What it is reached by from now on; if that is news, peers are told. */
  void addressesAre(List<Multiaddr> now) {
    if (!closed.get() && !Set.copyOf(now).equals(Set.copyOf(addresses))) {
      addresses = List.copyOf(now);
      tellPeers();
    }
  }

  // ---- the port ----

  @Override
  public PeerId id() {
    return config.identity().peerId();
  }

  @Override
  public List<Multiaddr> addresses() {
    return addresses;
  }

  @Override
  public void handle(String protocol, StreamHandler handler) {
    inbound.handle(protocol, handler);
    tellPeers();
  }

  @Override
  public void handleInTurn(String protocol, int atOnce, StreamHandler handler) {
    inbound.handleInTurn(protocol, atOnce, handler);
    tellPeers();
  }

  /** What this host says of itself has changed; several changes at once are told once. */
  private void tellPeers() {
    if (connections.count() > 0 && pushScheduled.compareAndSet(false, true)) {
      transport.later(this::pushSoon, PUSH_DELAY.toMillis());
    }
  }

  @Override
  public void connect(PeerId peer, List<Multiaddr> where) throws IOException {
    connection(peer, where);
  }

  @Override
  public Stream open(PeerId peer, List<Multiaddr> where, List<String> protocols)
      throws IOException {
    return talk(peer, where, connection -> open(connection, protocols));
  }

  @Override
  public Duration ping(PeerId peer, List<Multiaddr> where) throws IOException {
    return talk(
        peer,
        where,
        connection -> Ping.measure(this, connection, config.timeouts().ping(), random));
  }

  @Override
  public List<Multiaddr> knownAddresses(PeerId peer) {
    return book.addresses(peer);
  }

  @Override
  public boolean isConnected(PeerId peer) {
    return connections.best(peer) != null;
  }

  @Override
  public int connectionCount() {
    return connections.count();
  }

  @Override
  public void spare(Predicate<PeerId> busy) {
    connections.spare(busy);
  }

  @Override
  public List<ConnectedPeer> connectedPeers() {
    return connections.all().stream().map(Libp2pHost::describe).toList();
  }

  private static ConnectedPeer describe(PeerConnection each) {
    long roundTrip = each.session().roundTripNanos();
    IdentifyMessage identified = each.identified();
    return new ConnectedPeer(
        each.peer(),
        each.remoteAddress(),
        each.outbound(),
        each.security(),
        roundTrip == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(roundTrip)),
        Optional.ofNullable(identified).map(IdentifyMessage::agent));
  }

  @Override
  public HostUsage usage() {
    List<PeerConnection> all = connections.all();
    int outbound = (int) all.stream().filter(PeerConnection::outbound).count();
    ResourceScopes streams = connections.streams();
    return new HostUsage(
        all.size() - outbound,
        outbound,
        streams.inbound(),
        streams.outbound(),
        streams.byProtocol(),
        windows.taken(),
        connections.refused(),
        streams.refused(),
        denied.sum(),
        connections.trimmed(),
        dialer.failures());
  }

  /**
   * Has a peer looked for at an address from now on, as at those that it said itself; only where
   * callers name none that works.
   *
   * @param address with or without {@code /p2p}
   */
  public void remember(PeerId peer, Multiaddr address) {
    book.given(peer, address.withoutPeer());
  }

  /** Takes back what {@link #remember} said of a peer. */
  public void forget(PeerId peer) {
    book.forget(peer);
  }

  /** The protocols that this host serves, in order. */
  public Set<String> protocols() {
    return inbound.protocols();
  }

  @Override
  public long losses() {
    return connections.losses();
  }

  @Override
  public void onDisconnect(Consumer<PeerLoss> listener) {
    disconnectListeners.add(listener);
  }

  @Override
  public Set<String> protocolsOf(PeerId peer) {
    return book.protocols(peer);
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    transport.stopListening(); // first: who comes now would be told nothing
    List<PeerConnection> all = connections.all();
    // All goodbyes before the first wait, so that peers hang up at the same time.
    all.forEach(each -> each.session().close(Yamux.NORMAL));
    all.forEach(each -> each.session().awaitClosed(GOODBYE));
    transport.close();
    if (means.tls() != null) {
      means.tls().close();
    }
  }

  // ---- what identify needs ----

  PublicKey publicKey() {
    return config.identity().publicKey();
  }

  OwnRecords records() {
    return records;
  }

  String agent() {
    return config.agent();
  }

  PeerBook book() {
    return book;
  }

  // ---- outbound ----

  /** The one that stands, or a new one; waits for the dialling. */
  private PeerConnection connection(PeerId peer, List<Multiaddr> where) throws IOException {
    // Also of a host that is closed: what runs may end on the connections that still stand.
    PeerConnection existing = connections.best(peer);
    if (existing != null) {
      return existing;
    }
    if (closed.get()) {
      throw new UnreachableException("this host is closed");
    }
    if (peer.equals(id())) {
      throw new UnreachableException(peer + " is this host itself");
    }
    return dialer.dial(peer, where, book.addresses(peer));
  }

  /** What is first said on a connection. */
  private interface FirstTalk<T> {
    T with(PeerConnection connection) throws IOException;
  }

  /**
   * The last word of a TLS handshake is the dialler's: to him, one that the other end gave up in
   * this moment looks like a connection, and is tried again like any that was given up.
   */
  private <T> T talk(PeerId peer, List<Multiaddr> where, FirstTalk<T> talk) throws IOException {
    for (int number = 1; ; number++) {
      PeerConnection connection = connection(peer, where);
      try {
        return talk.with(connection);
      } catch (ConnectionLostException lost) {
        // Once it has spoken it was a connection, and something may have come of what was said.
        if (number == Dialer.MAX_TRIES || connection.session().hasHeard() || closed.get()) {
          throw lost;
        }
        LockSupport.parkNanos(Dialer.pauseAfter(number));
      }
    }
  }

  /** The connection that new streams would take. */
  PeerConnection connectionTo(PeerId peer) throws IOException {
    return connection(peer, List.of());
  }

  Stream open(PeerConnection connection, List<String> protocols) throws IOException {
    return outbound.open(connection, protocols);
  }

  // ---- connections and their streams ----

  /** On an event loop, so each peer is told on a thread of its own. */
  private void pushSoon() {
    pushScheduled.set(false);
    for (PeerConnection each : connections.all()) {
      start(
          "identify push",
          () -> {
            try {
              identify.push(each);
            } catch (IOException failed) {
              log.debug("identify push to {}: {}", each.peer(), failed.getMessage());
            }
          });
    }
  }

  /** What happens on event loops. */
  private final class ConnectionEvents
      implements TcpTransport.ConnectionOwner, PeerConnection.ConnectionListener {
    @Override
    public boolean admits(InetAddress remote) {
      if (!config.gater().mayTouch(remote)) {
        denied.increment();
        return false;
      }
      return connections.makeRoom();
    }

    @Override
    public PeerConnection register(
        Channel channel,
        boolean outbound,
        PublicKey key,
        PeerId peer,
        Security security,
        int maxBody)
        throws Libp2pException {
      // Whom we dial the dialler has asked the gater about.
      if (!outbound && !config.gater().mayEnter(peer)) {
        denied.increment();
        throw new PeerDeniedException(peer + " is denied here");
      }
      YamuxSession.SessionLimits settings =
          new YamuxSession.SessionLimits(config.limits(), config.timeouts(), windows, maxBody);
      PeerConnection connection =
          new PeerConnection(channel, outbound, key, peer, security, settings, this);
      // Added first, so that a crowd cannot push the others out and then be refused itself.
      connections.add(connection);
      connections.trim();
      return connection;
    }

    @Override
    public void established(PeerConnection connection) {
      log.debug("connected {}", connection);
      // An address counts as the peer's only if we reached it there; inbound ports are nobody's.
      if (connection.outbound()) {
        book.dialled(connection.peer(), connection.remoteAddress());
      }
      start(
          "identify",
          () -> {
            try {
              identify.ask(connection);
            } catch (IOException failed) {
              log.debug("identify {}: {}", connection.peer(), failed.getMessage());
            }
          });
    }

    @Override
    public void onStream(PeerConnection connection, YamuxStream stream) {
      inbound.accept(connection, stream);
    }

    @Override
    public void onClosed(PeerConnection connection) {
      log.debug("disconnected {}", connection);
      // Listeners may block, and this is an event loop.
      connections
          .remove(connection)
          .ifPresent(
              loss ->
                  start(
                      "disconnect", () -> disconnectListeners.forEach(each -> each.accept(loss))));
    }
  }

  private void start(String what, Runnable task) {
    Thread.ofVirtual().name("libp2p " + what).start(task);
  }
}
