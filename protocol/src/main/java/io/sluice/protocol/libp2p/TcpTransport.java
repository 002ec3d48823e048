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
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sockets and the event loops that serve them: listens, dials, and has each channel upgraded to a
 * connection. By epoll where there is native code for it.
 *
 * <p>Whoever connects from outside passes these, the cheapest first: the owner's word on its
 * address and on whether there is room at all, the share of its address, a place among the
 * handshakes ({@link PendingUpgrades}), and the time that an upgrade may take. All of that before a
 * peer has proven who it is, so none of it may cost more than a socket. What is dialled is not
 * counted here: its number is ours to choose.
 *
 * <p>Everything runs on event loops, so nothing here waits except what is said to.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // what fails on a channel closes it, and that is heard of
final class TcpTransport {
  private static final Logger log = LoggerFactory.getLogger(TcpTransport.class);

  /** More do not help: what they do is move and encrypt bytes, and handlers have threads. */
  private static final int MAX_EVENT_LOOPS = 4;

  /** Above the upper a session stops handing frames on; a large part of one is always under way. */
  private static final WriteBufferWaterMark WATER_MARKS =
      new WriteBufferWaterMark(256 * 1024, 1024 * 1024);

  /** As Linux numbers it; elsewhere there is no epoll. */
  private static final ChannelOption<Integer> IPV6_ONLY =
      new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

  /** Who gets the connections; called on event loops. */
  interface ConnectionOwner {
    /** Whether an inbound connection from there may be tried at all. */
    boolean admits(InetAddress remote);

    /**
     * Makes the connection of a channel whose peer is proven.
     *
     * @throws LimitExceededException if there are too many
     * @throws PeerDeniedException if this peer is not to be let in
     */
    PeerConnection register(
        Channel channel,
        boolean outbound,
        PublicKey key,
        PeerId peer,
        Security security,
        int maxBody)
        throws Libp2pException;

    /** The connection is ready for streams. */
    void established(PeerConnection connection);
  }

  private final EventLoopGroup loops = newLoops();
  private final ConnectionUpgrade.Means means;
  private final HostTimeouts timeouts;
  private final ConnectionOwner owner;
  private final List<Channel> listeners = new CopyOnWriteArrayList<>();

  private final PendingUpgrades pending;
  private final AddressCounts byAddress;

  TcpTransport(
      ConnectionUpgrade.Means means,
      HostLimits limits,
      HostTimeouts timeouts,
      ConnectionOwner owner) {
    this.means = means;
    this.timeouts = timeouts;
    this.owner = owner;
    this.pending = new PendingUpgrades(limits.pendingUpgrades(), means.random()::nextInt);
    this.byAddress = new AddressCounts(limits.connectionsPerAddress());
  }

  /** For what has to happen a little later. */
  void later(Runnable task, long millis) {
    loops.schedule(task, millis, TimeUnit.MILLISECONDS);
  }

  /** For what has to happen again and again, until this is closed. */
  void every(Runnable task, long millis) {
    loops.scheduleAtFixedRate(task, millis, millis, TimeUnit.MILLISECONDS);
  }

  /** What all listeners can be reached by at this moment. */
  List<Multiaddr> reachable() {
    return listeners.stream()
        .map(each -> (InetSocketAddress) each.localAddress())
        .flatMap(bound -> TcpAddress.reachable(bound).stream())
        .toList();
  }

  /** Takes no more connections; those that stand go on. */
  void stopListening() {
    listeners.forEach(each -> each.close().awaitUninterruptibly());
  }

  /** Frees the threads. What is still open is cut; goodbyes are the host's to say before. */
  void close() {
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /**
   * Listens at an address, and returns when it does.
   *
   * @throws IOException if that cannot be listened on
   */
  void listen(Multiaddr address) throws IOException {
    if (!TcpAddress.dialable(address)) {
      throw new UnreachableException(
          "cannot listen on " + address + ": only plain TCP is spoken here");
    }
    String host = address.components().getFirst().value();
    int port = Integer.parseInt(address.components().get(1).value());
    InetAddress at = InetAddress.getByName(host);
    ChannelFuture bound =
        listening(at instanceof Inet4Address)
            .group(loops)
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
            .bind(new InetSocketAddress(at, port))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new UnreachableException(
          "cannot listen on " + address + ": " + bound.cause().getMessage(), bound.cause());
    }
    listeners.add(bound.channel());
  }

  /** A socket of one kind of addresses, and no other: what was asked for is all that is opened. */
  private static ServerBootstrap listening(boolean ip4) {
    SocketProtocolFamily family = ip4 ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
    if (!Epoll.isAvailable()) {
      return new ServerBootstrap()
          .channelFactory(() -> new NioServerSocketChannel(SelectorProvider.provider(), family));
    }
    ServerBootstrap bootstrap =
        new ServerBootstrap().channelFactory(() -> new EpollServerSocketChannel(family));
    return ip4 ? bootstrap : bootstrap.option(IPV6_ONLY, 1);
  }

  /** A socket of somebody, of whom nothing is known but the address. */
  private void accept(Channel channel) {
    InetAddress remote = ((InetSocketAddress) channel.remoteAddress()).getAddress();
    // No word of why: whoever is refused here has not shown that it would understand one.
    if (!owner.admits(remote) || !byAddress.tryTake(remote)) {
      channel.close();
      return;
    }
    // By the close alone, however it comes about: a share that is not given back is lost for good.
    channel.closeFuture().addListener(gone -> byAddress.giveBack(remote));
    PendingUpgrades.Place place = pending.add(channel);
    upgrade(channel, null, place::underWay)
        .whenComplete(
            (connection, failure) -> {
              place.finished();
              if (connection == null) {
                log.debug("no connection from {}: {}", remote, failure.getMessage());
              } else {
                owner.established(connection);
              }
            });
  }

  /** Secures and multiplexes it, on its event loop; a failure closes it. */
  private CompletableFuture<PeerConnection> upgrade(
      Channel channel, @Nullable PeerId expected, Runnable underWay) {
    boolean outbound = expected != null;
    return new ConnectionUpgrade(
            means,
            channel,
            outbound,
            expected,
            underWay,
            (key, peer, security, maxBody) ->
                owner.register(channel, outbound, key, peer, security, maxBody))
        .start();
  }

  /** Begins to connect to a peer. */
  Dialer.Attempt dial(PeerId peer, InetSocketAddress target) {
    CompletableFuture<PeerConnection> outcome = new CompletableFuture<>();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loops)
            .channel(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeouts.connect().toMillis())
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARKS)
            .handler(
                new ChannelInboundHandlerAdapter() {
                  @Override
                  public void channelActive(ChannelHandlerContext ctx) {
                    // Here and not when the connect is told done: by then the peer may have spoken.
                    ctx.pipeline().remove(this);
                    upgrade(ctx.channel(), peer, () -> {})
                        .whenComplete((made, failure) -> dialled(outcome, made, failure));
                  }
                });
    ChannelFuture connecting = bootstrap.connect(target);
    // Success is told by channelActive, see there.
    connecting.addListener(
        done -> {
          if (!done.isSuccess()) {
            outcome.completeExceptionally(refusal(target, done.cause()));
          }
        });
    return new TcpAttempt(connecting.channel(), outcome);
  }

  private void dialled(
      CompletableFuture<PeerConnection> outcome,
      @Nullable PeerConnection connection,
      @Nullable Throwable failure) {
    if (connection == null) {
      outcome.completeExceptionally(
          failure == null
              ? new HandshakeException("no connection came of the handshake")
              : failure);
      return;
    }
    // In this order: who gets the connection finds it known.
    owner.established(connection);
    outcome.complete(connection);
  }

  private record TcpAttempt(Channel channel, CompletableFuture<PeerConnection> outcome)
      implements Dialer.Attempt {
    @Override
    public void abandon() {
      channel.close();
    }
  }

  /** Told apart for the dialler: nobody there, nobody answers, or no way there. */
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

  /** Of the host's own, so that closing it frees them, and two hosts of a process do not share. */
  private static EventLoopGroup newLoops() {
    int count = Math.min(MAX_EVENT_LOOPS, Runtime.getRuntime().availableProcessors());
    return new MultiThreadIoEventLoopGroup(
        count, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  }
}
