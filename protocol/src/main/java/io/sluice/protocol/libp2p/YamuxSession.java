package io.sluice.protocol.libp2p;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.ScheduledFuture;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A yamux connection: the last handler of its channel's pipeline. What is not said to be for any
 * thread belongs to the event loop, and so needs no lock.
 *
 * <pre>
 *   bytes in ── frames ─┬─▶ data ──▶ streams ──▶ readers, woken once at the end of the read
 *                       └─▶ pings, refused streams ─┐
 *   any thread: a stream has something to say ──────┴─▶ turn: controls first, then frames ── flush
 * </pre>
 *
 * <p>It begins, opens, sends and ends. The rest has classes of its own: what the peer's frames do
 * ({@link PeerFrames}) and what they cost ({@link FrameAllowance}), who sends next ({@link
 * SendTurns}), which streams there are and may be ({@link StreamTable}, {@link AcceptBacklog}),
 * pings ({@link KeepAlive}), what the peer leaves open ({@link LingeringStreams}), how much is
 * moving ({@link RecentTraffic}). Window accounting is the stream's.
 *
 * <p>All ways to an end (the peer says goodbye, its socket closes, it breaks the protocol, it does
 * not answer, we close) meet in {@code end}, which works once and fails every stream with the
 * cause. Streams that are opened while that happens have no number yet and are not in the table;
 * they stand in the queue of senders, and are failed from there. A goodbye of ours goes out behind
 * what was written, and leaves it to the peer to hang up for a while.
 *
 * <p>Spec: yamux.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // what fails on a channel closes it, and that is heard of
final class YamuxSession extends ChannelInboundHandlerAdapter
    implements PeerFrames.FrameOwner, SendTurns.TurnOwner {
  private static final Logger log = LoggerFactory.getLogger(YamuxSession.class);

  private static final Duration SWEEP = Duration.ofSeconds(1);

  /** How long a peer may take to hang up after our goodbye. */
  private static final Duration GRACE = Duration.ofMillis(500);

  /** What a session tells its connection; called on the event loop, so nothing here may block. */
  interface SessionListener {
    /** The peer opened a stream. */
    void onStream(YamuxStream stream);

    /** The session is over and all of its streams have failed. */
    void onClosed(YamuxSession session);
  }

  /**
   * What a session is allowed.
   *
   * @param limits of the host
   * @param timeouts of the host
   * @param budget shared by all sessions of the host
   * @param maxBody bytes of one data frame that is sent
   */
  record SessionLimits(
      HostLimits limits, HostTimeouts timeouts, WindowBudget budget, int maxBody) {}

  private final Channel channel;
  private final SessionLimits settings;
  private final SessionListener listener;
  private final StreamTable streams;
  private final PeerFrames frames;
  private final SendTurns turns;
  private final LingeringStreams<YamuxStream> lingering;
  private final RecentTraffic traffic;
  private final FrameAllowance allowance = new FrameAllowance(Ticker.SYSTEM.nanos());
  private final AcceptBacklog backlog = new AcceptBacklog();
  private final KeepAlive keepAlive = new KeepAlive();

  // Of the event loop alone.
  private @Nullable ScheduledFuture<?> sweeper;
  private @Nullable IOException cause;

  // Set by the event loop, read by any thread.
  private volatile boolean closed;
  private volatile boolean heard;

  /**
   * Prepares one; it begins when it is added to the pipeline.
   *
   * @param client whether this end dialled, and so numbers its streams oddly
   */
  YamuxSession(Channel channel, boolean client, SessionLimits settings, SessionListener listener) {
    this.channel = channel;
    this.settings = settings;
    this.listener = listener;
    HostTimeouts timeouts = settings.timeouts();
    this.streams = new StreamTable(client, settings.limits(), settings.budget());
    this.frames = new PeerFrames(this, streams, allowance, maxWindow());
    this.turns = new SendTurns(channel, this);
    this.lingering = new LingeringStreams<>(timeouts.linger().toNanos(), YamuxStream::ended);
    this.traffic = new RecentTraffic(Ticker.SYSTEM.nanos(), timeouts.keepAlive().toNanos());
  }

  // ---- any thread ----

  /**
   * A new stream, which the peer hears of with the first turn.
   *
   * @throws ConnectionLostException if the session is over
   * @throws LimitExceededException if the peer is behind in accepting streams, or all window memory
   *     is promised
   */
  YamuxStream open() throws IOException {
    if (closed) {
      throw new ConnectionLostException("connection is closed");
    }
    backlog.enter();
    // The peer may fill the first window unasked, so its memory is taken before it can know.
    if (!budget().tryTake(Yamux.INITIAL_WINDOW)) {
      backlog.leave();
      throw new LimitExceededException(
          "all window memory of this host is promised to other streams");
    }
    return new YamuxStream(this, false);
  }

  /** How long no stream has been open; 0 while one is. */
  long idleNanos() {
    return streams.idleNanos();
  }

  /**
   * What came and went in the last whole stretch of time, each as long as keep-alives are apart;
   * {@link Long#MAX_VALUE} before the first is over.
   */
  long recentBytes() {
    return traffic.bytes();
  }

  /** Waits until the channel is closed, at most so long. */
  void awaitClosed(Duration atMost) {
    channel.closeFuture().awaitUninterruptibly(atMost.toMillis());
  }

  boolean closed() {
    return closed;
  }

  /** The smoothed time of a ping; 0 until the first was answered. */
  long roundTripNanos() {
    return keepAlive.roundTripNanos();
  }

  long maxWindow() {
    return settings.limits().streamWindow();
  }

  int maxBody() {
    return settings.maxBody();
  }

  int sendQueue() {
    return settings.limits().sendQueue();
  }

  WindowBudget budget() {
    return settings.budget();
  }

  ByteBufAllocator allocator() {
    return channel.alloc();
  }

  void scheduleControl(YamuxStream stream) {
    turns.control(stream);
  }

  void scheduleSend(YamuxStream stream) {
    turns.sender(stream);
  }

  /** This end is through with the stream: the peer gets its time to be so too. */
  void linger(YamuxStream stream) {
    lingering.add(stream);
  }

  /** Says goodbye with this code, fails all streams, and closes the channel. */
  void close(int code) {
    EventLoop loop = channel.eventLoop();
    if (loop.inEventLoop()) {
      goAway(code, new ConnectionLostException("connection closed by this end"));
    } else {
      try {
        loop.execute(
            () -> goAway(code, new ConnectionLostException("connection closed by this end")));
      } catch (RejectedExecutionException alreadyClosed) {
        log.debug("connection to {} is closed already", channel.remoteAddress());
      }
    }
  }

  @Override
  public void noTurns(RejectedExecutionException why) {
    failUnsent(new ConnectionLostException("host is closed", why));
  }

  // ---- life, on the event loop ----

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    long sweep = SWEEP.toNanos();
    sweeper = ctx.executor().scheduleAtFixedRate(this::sweep, sweep, sweep, TimeUnit.NANOSECONDS);
    // The first ping measures the round trip that windows grow by.
    sendPing(Ticker.SYSTEM.nanos());
    ctx.flush();
    // It may have been closed during the upgrade, and then channelInactive has passed already.
    if (!ctx.channel().isActive()) {
      end(new ConnectionLostException("connection closed by peer"));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end(new ConnectionLostException("connection closed by peer"));
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
    Throwable root =
        error instanceof DecoderException && error.getCause() != null ? error.getCause() : error;
    if (root instanceof ProtocolException violation) {
      violated(violation);
    } else if (root instanceof IOException) {
      end(new ConnectionLostException("connection broke: " + root.getMessage(), root));
      ctx.close();
    } else {
      log.warn("connection to {} closed after a failure", channel.remoteAddress(), root);
      goAway(Yamux.INTERNAL_ERROR, new ConnectionLostException("connection broke: " + root, root));
    }
  }

  private void violated(ProtocolException violation) {
    log.debug("closing connection to {}: {}", channel.remoteAddress(), violation.getMessage());
    goAway(
        Yamux.PROTOCOL_ERROR,
        new ConnectionLostException(
            "peer broke the protocol: " + violation.getMessage(), violation));
  }

  private void goAway(int code, ConnectionLostException why) {
    // The second goodbye, or one behind an end that the peer made: there is nobody to say it to.
    if (closed) {
      channel.close();
      return;
    }
    if (code == Yamux.NORMAL) {
      turns.sendAll(); // what was written before is not lost
    }
    ByteBuf frame = channel.alloc().directBuffer(Yamux.HEADER);
    Yamux.writeHeader(frame, Yamux.GO_AWAY, 0, 0, code);
    end(why);
    ChannelFuture said = channel.writeAndFlush(frame);
    if (code != Yamux.NORMAL) {
      said.addListener(ChannelFutureListener.CLOSE);
    }
    // Else the peer hangs up: closing a socket first, with bytes unread, may destroy what is still
    // on its way there.
    channel.eventLoop().schedule(() -> channel.close(), GRACE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void end(ConnectionLostException why) {
    if (closed) {
      return;
    }
    // First: whoever opens or schedules from here on finds it closed, or is found by failAll.
    closed = true;
    cause = why;
    if (sweeper != null) {
      sweeper.cancel(false);
    }
    failAll(why);
    listener.onClosed(this);
  }

  private void failAll(ConnectionLostException why) {
    closed = true;
    streams.clear(
        each -> {
          each.fail(why);
          each.onRemoved();
        });
    failUnsent(why);
  }

  private void failUnsent(ConnectionLostException why) {
    turns.drain(
        each -> {
          each.fail(why); // opened, and not yet in the table
          each.onRemoved();
        });
  }

  /** Whether the peer has said anything since the handshake. Any thread. */
  boolean hasHeard() {
    return heard;
  }

  // ---- receiving ----

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      if (!closed) {
        allowance.earn(in.readableBytes());
        traffic.moved(in.readableBytes());
        if (!heard) { // a volatile write for each read would cost more
          heard = true;
        }
        frames.read(in);
      }
    } catch (ProtocolException violation) {
      violated(violation);
    } finally {
      in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    frames.wakeReaders();
    turns.afterRead();
    ctx.fireChannelReadComplete();
  }

  @Override
  public void pinged(int value) {
    turns.pong(value);
  }

  @Override
  public void ponged(int value) {
    keepAlive.answered(value, Ticker.SYSTEM.nanos());
  }

  @Override
  public void goodbye(long code) {
    end(new ConnectionLostException("peer said goodbye, code " + code));
    channel.close();
  }

  @Override
  public YamuxStream opened(int id) {
    YamuxStream stream = new YamuxStream(this, true);
    streams.addInbound(stream, id);
    listener.onStream(stream); // accepted when its turn has come, which holds its peer back
    return stream;
  }

  @Override
  public void refused(int id) {
    writeControl(Yamux.WINDOW_UPDATE, Yamux.RST, id, ResetCode.LIMIT_EXCEEDED.wire());
    turns.schedule();
  }

  @Override
  public void acknowledged(YamuxStream stream) {
    if (stream.takeUnacknowledged()) {
      backlog.leave();
    }
  }

  @Override
  public void over(YamuxStream stream) {
    if (streams.remove(stream)) {
      acknowledged(stream); // one that was reset before it was accepted waits no longer
      stream.onRemoved();
    }
  }

  // ---- sending ----

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      turns.whenWritable();
    }
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void turn() {
    if (!closed) {
      turns.run();
    } else if (cause instanceof ConnectionLostException why) {
      // A stream that was opened while the end was under way has no other that would fail it.
      failAll(why);
    }
  }

  @Override
  public boolean send(YamuxStream stream, OutboundFrame next) {
    switch (next) {
      case OutboundFrame.Idle idle -> {
        if (stream.id() == 0) { // given up before the peer heard of it
          acknowledged(stream);
          stream.onRemoved();
        }
        return false;
      }
      case OutboundFrame.Body body -> {
        ByteBuf frame = body.frame();
        Yamux.setHeader(frame, Yamux.DATA, 0, stream.id(), frame.readableBytes() - Yamux.HEADER);
        allowance.earn(frame.readableBytes());
        traffic.moved(frame.readableBytes());
        channel.write(frame);
      }
      case OutboundFrame.HeaderOnly header -> {
        if (header.flags() == Yamux.SYN) {
          streams.addOutbound(stream);
        }
        writeControl(Yamux.WINDOW_UPDATE, header.flags(), stream.id(), header.length());
        if (stream.ended()) {
          over(stream);
        }
      }
    }
    return true;
  }

  private void writeControl(int type, int flags, int id, int length) {
    ByteBuf out = channel.alloc().directBuffer(Yamux.HEADER);
    Yamux.writeHeader(out, type, flags, id, length);
    channel.write(out);
  }

  // ---- keep-alive and leftovers ----

  private void sweep() {
    long now = Ticker.SYSTEM.nanos();
    HostTimeouts timeouts = settings.timeouts();
    if (keepAlive.isOverdue(now, timeouts.ping().toNanos())) {
      end(new ConnectionLostException("peer did not answer a keep-alive for " + timeouts.ping()));
      channel.close();
      return;
    }
    if (keepAlive.isDue(now, timeouts.keepAlive().toNanos())) {
      sendPing(now);
      channel.flush();
    }
    traffic.at(now);
    lingering.sweep(now, each -> each.reset(ResetCode.NONE));
  }

  private void sendPing(long now) {
    writeControl(Yamux.PING, Yamux.SYN, 0, keepAlive.ping(now));
  }
}
