package io.sluice.protocol.libp2p;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host: TCP, secured by TLS 1.3 or Noise, multiplexed by yamux; serves identify and ping by
 * itself.
 *
 * <p>Threads: a few event loops move bytes and never block. Each inbound stream, each identify and
 * each listener runs on a virtual thread.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // what fails on a channel closes it, and that is heard of
public final class Libp2pHost implements Host {
  private static final Logger log = LoggerFactory.getLogger(Libp2pHost.class);

  private static final int MAX_EVENT_LOOPS = 4;
  private static final WriteBufferWaterMark WATER_MARKS =
      new WriteBufferWaterMark(256 * 1024, 1024 * 1024);
  private static final Duration GOODBYE = Duration.ofSeconds(1);
  private static final Duration PUSH_DELAY = Duration.ofMillis(200);

  private final HostConfig config;
  private final EventLoopGroup loops;
  private final ConnectionUpgrade.Means means;
  private final SecureRandom random = new SecureRandom();
  private final WindowBudget windows;
  private final Connections connections;
  private final PeerBook book = new PeerBook();
  private final Dialer dialer;
  private final Identify identify;
  private final Map<String, StreamHandler> handlers = new ConcurrentHashMap<>();
  private final List<Consumer<PeerId>> disconnectListeners = new CopyOnWriteArrayList<>();
  private final List<Channel> listeners = new CopyOnWriteArrayList<>();
  private final List<Multiaddr> addresses = new CopyOnWriteArrayList<>();
  private final AtomicInteger pendingUpgrades = new AtomicInteger();
  private final Map<String, Integer> inboundByAddress = new ConcurrentHashMap<>();
  private final AtomicBoolean pushScheduled = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();

  private Libp2pHost(HostConfig config) {
    this.config = config;
    this.loops = newLoops();
    byte[] noiseSecret = new byte[NoiseHandshake.KEY];
    random.nextBytes(noiseSecret);
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
    this.connections = new Connections(config.limits());
    this.dialer = new Dialer(this::dial, config.timeouts());
    this.identify = new Identify(this, config.timeouts());
  }

  /**
   * Starts a host and returns when it listens on all of its addresses.
   *
   * @throws IOException if an address cannot be listened on; then nothing is left running
   */
  public static Host start(HostConfig config) throws IOException {
    Libp2pHost host = new Libp2pHost(config);
    try {
      for (Multiaddr address : config.listen()) {
        host.listen(address);
      }
      return host;
    } catch (IOException | RuntimeException failed) {
      host.close();
      throw failed;
    }
  }

  // ---- the port ----

  @Override
  public PeerId id() {
    return config.identity().peerId();
  }

  @Override
  public List<Multiaddr> addresses() {
    return List.copyOf(addresses);
  }

  @Override
  public void handle(String protocol, StreamHandler handler) {
    handlers.put(protocol, handler);
    if (connections.count() > 0 && pushScheduled.compareAndSet(false, true)) {
      loops.schedule(this::pushSoon, PUSH_DELAY.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void connect(PeerId peer, List<Multiaddr> where) throws IOException {
    connection(peer, where);
  }

  @Override
  public Stream open(PeerId peer, List<Multiaddr> where, List<String> protocols)
      throws IOException {
    return open(connection(peer, where), protocols);
  }

  @Override
  public Duration ping(PeerId peer, List<Multiaddr> where) throws IOException {
    return Ping.measure(this, connection(peer, where), config.timeouts().ping(), random);
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
  public void onDisconnect(Consumer<PeerId> listener) {
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
    listeners.forEach(each -> each.close().awaitUninterruptibly());
    List<PeerConnection> all = connections.all();
    all.forEach(each -> each.session().close(Yamux.NORMAL));
    all.forEach(each -> each.session().awaitClosed(GOODBYE));
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    if (means.tls() != null) {
      means.tls().close();
    }
  }

  // ---- what identify needs ----

  PublicKey publicKey() {
    return config.identity().publicKey();
  }

  Set<String> protocols() {
    Set<String> all = new TreeSet<>(handlers.keySet());
    all.addAll(List.of(Identify.PROTOCOL, Identify.PUSH, Ping.PROTOCOL));
    return all;
  }

  String agent() {
    return config.agent();
  }

  PeerBook book() {
    return book;
  }

  // ---- outbound ----

  private PeerConnection connection(PeerId peer, List<Multiaddr> where) throws IOException {
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
    List<Multiaddr> all = new ArrayList<>(where);
    all.addAll(book.addresses(peer));
    return dialer.dial(peer, all);
  }

  /** The connection that new streams would take. */
  PeerConnection connectionTo(PeerId peer) throws IOException {
    return connection(peer, List.of());
  }

  Stream open(PeerConnection connection, List<String> protocols) throws IOException {
    AtomicInteger outbound = connections.streams(connection.peer()).outbound;
    if (!Connections.StreamCounts.tryTake(outbound, config.limits().outboundStreamsPerPeer())) {
      throw new LimitExceededException(
          outbound.get() + " streams to " + connection.peer() + " are open");
    }
    boolean opened = false;
    try {
      Stream stream = negotiate(connection, protocols, outbound::decrementAndGet);
      opened = true;
      return stream;
    } finally {
      if (!opened) {
        outbound.decrementAndGet();
      }
    }
  }

  private Stream negotiate(PeerConnection connection, List<String> protocols, Runnable onEnd)
      throws IOException {
    YamuxStream raw = connection.openRaw();
    String known = connection.knownToSpeak(protocols);
    if (known != null) {
      return new NegotiatedStream(connection, raw, known, false, config.timeouts(), onEnd);
    }
    try {
      String agreed =
          new StreamNegotiation(raw, config.timeouts().negotiation())
              .propose(connection.peer(), protocols);
      return new NegotiatedStream(connection, raw, agreed, true, config.timeouts(), onEnd);
    } catch (ProtocolException malformed) {
      raw.reset(ResetCode.NEGOTIATION_FAILED);
      throw new HandshakeException("negotiation: " + malformed.getMessage(), malformed);
    } catch (IOException failed) {
      raw.reset(ResetCode.NEGOTIATION_FAILED);
      throw failed;
    }
  }

  private Dialer.Attempt dial(PeerId peer, InetSocketAddress target) {
    CompletableFuture<PeerConnection> outcome = new CompletableFuture<>();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loops)
            .channel(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) config.timeouts().connect().toMillis())
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARKS)
            .handler(
                new ChannelInboundHandlerAdapter() {
                  @Override
                  public void channelActive(ChannelHandlerContext ctx) {
                    // Here and not when the connect is told done: by then the peer may have spoken.
                    ctx.pipeline().remove(this);
                    upgrade(ctx.channel(), peer, outcome);
                  }
                });
    ChannelFuture connecting = bootstrap.connect(target);
    connecting.addListener(
        done -> {
          if (!done.isSuccess()) {
            outcome.completeExceptionally(refusal(target, done.cause()));
          }
        });
    return new TcpAttempt(connecting.channel(), outcome);
  }

  private record TcpAttempt(Channel channel, CompletableFuture<PeerConnection> outcome)
      implements Dialer.Attempt {
    @Override
    public void abandon() {
      channel.close();
    }
  }

  private static Libp2pException refusal(InetSocketAddress target, Throwable cause) {
    String where = TcpAddress.of(target).toString();
    return switch (cause) {
      case ConnectTimeoutException late -> new TimedOutException("no answer from " + where, late);
      case ConnectException refused
          when refused.getMessage() != null && refused.getMessage().contains("refused") ->
          new ConnectionRefusedException("nobody listens at " + where, refused);
      default ->
          new UnreachableException("cannot reach " + where + ": " + cause.getMessage(), cause);
    };
  }

  private void upgrade(
      Channel channel, PeerId expected, CompletableFuture<PeerConnection> outcome) {
    ConnectionUpgrade upgrade =
        new ConnectionUpgrade(
            means,
            channel,
            true,
            expected,
            (key, peer, security, maxBody) ->
                register(channel, true, key, peer, security, maxBody));
    upgrade
        .start()
        .whenComplete(
            (connection, failure) -> {
              if (connection == null) {
                outcome.completeExceptionally(failure);
                return;
              }
              book.dialled(expected, connection.remoteAddress());
              outcome.complete(connection);
              established(connection);
            });
  }

  private PeerConnection register(
      Channel channel, boolean outbound, PublicKey key, PeerId peer, Security security, int maxBody)
      throws LimitExceededException {
    PeerConnection connection =
        new PeerConnection(
            channel,
            outbound,
            key,
            peer,
            security,
            new YamuxSession.Settings(config.limits(), config.timeouts(), windows, maxBody),
            new ConnectionEvents());
    connections.add(connection);
    return connection;
  }

  // ---- inbound ----

  private void listen(Multiaddr address) throws IOException {
    if (!TcpAddress.dialable(address)) {
      throw new UnreachableException(
          "cannot listen on " + address + ": only plain TCP is spoken here");
    }
    String host = address.components().getFirst().value();
    int port = Integer.parseInt(address.components().get(1).value());
    Class<? extends ServerChannel> kind =
        Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(kind)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARKS)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accept(channel);
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getByName(host), port))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new UnreachableException(
          "cannot listen on " + address + ": " + bound.cause().getMessage(), bound.cause());
    }
    listeners.add(bound.channel());
    addresses.addAll(TcpAddress.reachable((InetSocketAddress) bound.channel().localAddress()));
  }

  private void accept(Channel channel) {
    InetAddress remote = ((InetSocketAddress) channel.remoteAddress()).getAddress();
    String counted = remote.isLoopbackAddress() ? "" : TcpAddress.countedAs(remote);
    if (!connections.makeRoom() || !takeAddress(counted)) {
      channel.close();
      return;
    }
    channel.closeFuture().addListener(gone -> giveAddressBack(counted));
    if (pendingUpgrades.incrementAndGet() > config.limits().pendingUpgrades()) {
      pendingUpgrades.decrementAndGet();
      channel.close();
      return;
    }
    ConnectionUpgrade upgrade =
        new ConnectionUpgrade(
            means,
            channel,
            false,
            null,
            (key, peer, security, maxBody) ->
                register(channel, false, key, peer, security, maxBody));
    upgrade
        .start()
        .whenComplete(
            (connection, failure) -> {
              pendingUpgrades.decrementAndGet();
              if (connection == null) {
                log.debug("no connection from {}: {}", remote, failure.getMessage());
              } else {
                established(connection);
              }
            });
  }

  private boolean takeAddress(String counted) {
    if (counted.isEmpty()) {
      return true;
    }
    int limit = config.limits().connectionsPerAddress();
    boolean[] taken = {false};
    inboundByAddress.compute(
        counted,
        (address, before) -> {
          int count = before == null ? 0 : before;
          taken[0] = count < limit;
          return taken[0] ? Integer.valueOf(count + 1) : before;
        });
    return taken[0];
  }

  private void giveAddressBack(String counted) {
    if (!counted.isEmpty()) {
      inboundByAddress.computeIfPresent(counted, (address, count) -> count == 1 ? null : count - 1);
    }
  }

  // ---- connections and their streams ----

  private void established(PeerConnection connection) {
    log.debug("connected {}", connection);
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

  private final class ConnectionEvents implements PeerConnection.Listener {

    @Override
    public void onStream(PeerConnection connection, YamuxStream stream) {
      AtomicInteger inbound = connections.streams(connection.peer()).inbound;
      if (!Connections.StreamCounts.tryTake(inbound, config.limits().inboundStreamsPerPeer())) {
        stream.reset(ResetCode.LIMIT_EXCEEDED);
        return;
      }
      start(
          "stream",
          () -> {
            try {
              serve(connection, stream);
            } finally {
              inbound.decrementAndGet();
            }
          });
    }

    @Override
    public void onClosed(PeerConnection connection) {
      log.debug("disconnected {}", connection);
      if (connections.remove(connection)) {
        start(
            "disconnect",
            () -> disconnectListeners.forEach(each -> each.accept(connection.peer())));
      }
    }
  }

  private void serve(PeerConnection connection, YamuxStream raw) {
    String protocol = null;
    try {
      protocol =
          new StreamNegotiation(raw, config.timeouts().negotiation())
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
    if (!Connections.StreamCounts.tryTake(open, config.limits().inboundStreamsPerProtocol())) {
      raw.reset(ResetCode.LIMIT_EXCEEDED);
      return;
    }
    try {
      run(
          handler,
          new NegotiatedStream(connection, raw, protocol, true, config.timeouts(), () -> {}));
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
    return switch (protocol) {
      case Identify.PROTOCOL -> stream -> identify.answer(connection, stream);
      case Identify.PUSH -> stream -> identify.hear(connection, stream);
      case Ping.PROTOCOL -> Ping::answer;
      default -> handlers.get(protocol);
    };
  }

  private void start(String what, Runnable task) {
    Thread.ofVirtual().name("libp2p " + what).start(task);
  }

  private static EventLoopGroup newLoops() {
    int count = Math.min(MAX_EVENT_LOOPS, Runtime.getRuntime().availableProcessors());
    return new MultiThreadIoEventLoopGroup(
        count, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  }
}
