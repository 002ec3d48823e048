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
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.concurrent.ScheduledFuture;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A yamux connection: the last handler of its channel's pipeline. All state without a lock belongs
 * to the event loop.
 *
 * <p>Sending goes by turns. Streams that have something to send stand in a queue; each turn takes
 * one frame of the first and puts it back at the end, so that all get their share. Window updates
 * and ping answers stand in queues of their own that go first. A turn ends when the socket is
 * behind, and everything of one turn is flushed at once.
 *
 * <pre>
 *   bytes in ── frames ─┬─▶ data ──▶ streams ──▶ readers, woken once at the end of the read
 *                       └─▶ pings, refused streams ─┐
 *   any thread: a stream has something to say ──────┴─▶ turn: controls first, then frames ── flush
 * </pre>
 *
 * <p>All ways to an end (the peer says goodbye, its socket closes, it breaks the protocol, it does
 * not answer, we close) meet in {@code end}, which works once and fails every stream with the
 * cause. Streams that are opened while that happens have no number yet and are not in the map; they
 * stand in the queue of senders, and are failed from there. A goodbye of ours goes out behind what
 * was written, and leaves it to the peer to hang up for a while.
 *
 * <p>It is long and one idea: the state machine of one connection, whose frames open, feed and end
 * streams that its turns send for; either half would need every field of the other. Window
 * accounting is the stream's, pings are a {@link KeepAlive}'s, abuse is counted by a {@link
 * FrameAllowance}. Spec: yamux.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // what fails on a channel closes it, and that is heard of
final class YamuxSession extends ChannelInboundHandlerAdapter
    implements YamuxFrameReader.FrameHandler {
  private static final Logger log = LoggerFactory.getLogger(YamuxSession.class);

  private static final int MAX_PONGS = 32;
  private static final Duration SWEEP = Duration.ofSeconds(1);

  /** How long a peer may take to hang up after our goodbye. */
  private static final Duration GRACE = Duration.ofMillis(500);

  /** Wakes a reader before the end of a long turn. */
  private static final int WAKE_AFTER = 256 * 1024;

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
  private final boolean client;
  private final SessionLimits settings;
  private final SessionListener listener;
  private final YamuxFrameReader reader = new YamuxFrameReader(this);

  // Of the event loop alone. A stream of ours is in the map from its opening frame on, since only
  // that gives it a number.
  private final IntObjectHashMap<YamuxStream> streams = new IntObjectHashMap<>();
  private int nextId;
  private int inboundStreams;
  private @Nullable YamuxStream receiving;
  private long receivedThisTurn;
  private final List<YamuxStream> touched = new ArrayList<>();

  // Filled by any thread. A stream stands in each at most once, which its own lock sees to, so the
  // queues are bounded by the streams there are.
  private final Queue<YamuxStream> controls = new ConcurrentLinkedQueue<>();
  private final Queue<YamuxStream> senders = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean turnScheduled = new AtomicBoolean();
  private final Runnable turn = this::turn;
  private final ArrayDeque<Integer> pongs = new ArrayDeque<>();
  private final ArrayDeque<Lingering> lingering = new ArrayDeque<>();
  private final ConcurrentLinkedQueue<YamuxStream> closedByUs = new ConcurrentLinkedQueue<>();

  private final FrameAllowance allowance = new FrameAllowance(Ticker.SYSTEM.nanos());
  // Counted by whoever opens, before there is a number: the peer's backlog must not be overrun by a
  // crowd that asks at once.
  private final AtomicInteger unacknowledged = new AtomicInteger();
  private final KeepAlive keepAlive = new KeepAlive();
  private @Nullable ScheduledFuture<?> sweeper;
  // Read by the host, which closes connections that nobody has used for long.
  private volatile boolean busy;
  private volatile long idleSince = Ticker.SYSTEM.nanos();
  private long moved;
  private long movedBefore;
  private long recentBegan = Ticker.SYSTEM.nanos();
  private volatile long recentBytes = Long.MAX_VALUE;
  private volatile boolean closed;
  private volatile boolean heard;
  private @Nullable IOException cause;

  private record Lingering(YamuxStream stream, long deadline) {}

  /**
   * Prepares one; it begins when it is added to the pipeline.
   *
   * @param client whether this end dialled, and so numbers its streams oddly
   */
  YamuxSession(Channel channel, boolean client, SessionLimits settings, SessionListener listener) {
    this.channel = channel;
    this.client = client;
    this.settings = settings;
    this.listener = listener;
    this.nextId = client ? 1 : 2;
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
    // Peers keep a backlog of so many; what goes beyond it they would reset.
    if (unacknowledged.incrementAndGet() > Yamux.BACKLOG) {
      unacknowledged.decrementAndGet();
      throw new LimitExceededException(Yamux.BACKLOG + " streams wait for the peer to accept them");
    }
    // The peer may fill the first window unasked, so its memory is taken before it can know.
    if (!budget().tryTake(Yamux.INITIAL_WINDOW)) {
      unacknowledged.decrementAndGet();
      throw new LimitExceededException(
          "all window memory of this host is promised to other streams");
    }
    return new YamuxStream(this, false);
  }

  /** How long no stream has been open; 0 while one is. */
  long idleNanos() {
    return busy ? 0 : Ticker.SYSTEM.nanos() - idleSince;
  }

  /**
   * What came and went in the last whole stretch of time, each as long as keep-alives are apart;
   * {@link Long#MAX_VALUE} before the first is over.
   */
  long recentBytes() {
    return recentBytes;
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
    controls.add(stream);
    scheduleTurn();
  }

  void scheduleSend(YamuxStream stream) {
    senders.add(stream);
    scheduleTurn();
  }

  /** This end is through with the stream: the peer gets its time to be so too. */
  void linger(YamuxStream stream) {
    closedByUs.add(stream); // swept on the event loop, since its deadline is nobody's but ours
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

  private void scheduleTurn() {
    // One task for however many streams: the turn looks at all queues.
    if (turnScheduled.compareAndSet(false, true)) {
      try {
        channel.eventLoop().execute(turn);
      } catch (RejectedExecutionException hostClosed) {
        failUnsent(new ConnectionLostException("host is closed", hostClosed));
      }
    }
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
      sendAll(); // what was written before is not lost
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
    for (YamuxStream each : streams.values()) {
      each.fail(why);
      each.onRemoved();
    }
    streams.clear();
    failUnsent(why);
  }

  private void failUnsent(ConnectionLostException why) {
    for (YamuxStream each = senders.poll(); each != null; each = senders.poll()) {
      each.fail(why); // opened, and not yet in the map
      each.onRemoved();
    }
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
        moved += in.readableBytes();
        receivedThisTurn += in.readableBytes();
        if (!heard) {
          heard = true;
        }
        reader.read(in);
        if (receivedThisTurn >= WAKE_AFTER) {
          wakeReaders();
        }
      }
    } catch (ProtocolException violation) {
      violated(violation);
    } finally {
      in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    // Once for all that came in one go: a reader that runs takes everything at once.
    wakeReaders();
    if (!pongs.isEmpty()) {
      turn();
    }
    ctx.fireChannelReadComplete();
  }

  private void wakeReaders() {
    receivedThisTurn = 0;
    for (int i = 0; i < touched.size(); i++) {
      touched.get(i).onTurnEnd();
    }
    touched.clear();
  }

  @Override
  public void onControl(int type, int flags, int id, long length) {
    allowance.spend(FrameAllowance.CONTROL, Ticker.SYSTEM.nanos());
    switch (type) {
      case Yamux.WINDOW_UPDATE -> onWindowUpdate(flags, id, length);
      case Yamux.PING -> onPing(flags, (int) length);
      default -> onGoAway(length);
    }
  }

  private void onGoAway(long code) {
    end(new ConnectionLostException("peer said goodbye, code " + code));
    channel.close();
  }

  private void onPing(int flags, int value) {
    if ((flags & Yamux.SYN) != 0) {
      // A peer that does not read its answers gets no more of them.
      if (pongs.size() < MAX_PONGS) {
        pongs.add(value);
      }
    } else if ((flags & Yamux.ACK) != 0) {
      keepAlive.answered(value, Ticker.SYSTEM.nanos());
    }
  }

  private void onWindowUpdate(int flags, int id, long delta) {
    YamuxStream stream = stream(flags, id);
    if (stream == null) {
      return;
    }
    if ((flags & Yamux.RST) != 0) {
      // With a reset the length is the error code. The window it would have granted is of no use.
      resetByPeer(stream, delta);
      return;
    }
    stream.onWindowUpdate(delta);
    if ((flags & Yamux.FIN) != 0) {
      remoteClosed(stream);
    }
  }

  @Override
  public void onData(int flags, int id, long length) {
    if (length == 0) {
      allowance.spend(FrameAllowance.CONTROL, Ticker.SYSTEM.nanos());
    }
    receiving = stream(flags, id);
    if (receiving != null && (flags & Yamux.RST) != 0) {
      resetByPeer(receiving, 0);
      receiving = null;
    }
    // Frames of streams that are gone are read past, but only as long as any window allows.
    if (receiving != null) {
      receiving.onDataHeader(length);
    } else if (length > settings.limits().streamWindow()) {
      throw new ProtocolException(
          "FRAME_VIOLATION", "data frame of " + length + " bytes for no stream");
    }
  }

  @Override
  public void onBody(ByteBuf slice) {
    if (receiving == null) {
      slice.release();
    } else if (receiving.onBody(slice)) {
      touched.add(receiving);
    }
  }

  @Override
  public void onDataEnd(int flags, int id) {
    if (receiving != null && (flags & Yamux.FIN) != 0) {
      remoteClosed(receiving);
    }
    receiving = null;
  }

  /** The stream a frame belongs to, opened by it if it says so; null if it is gone or refused. */
  private @Nullable YamuxStream stream(int flags, int id) {
    if (id == 0) {
      throw new ProtocolException("FRAME_VIOLATION", "stream 0");
    }
    YamuxStream stream = streams.get(id);
    if ((flags & Yamux.SYN) != 0) {
      return accept(stream, id);
    }
    if (stream != null && (flags & Yamux.ACK) != 0) {
      acknowledged(stream);
    }
    return stream;
  }

  private @Nullable YamuxStream accept(@Nullable YamuxStream existing, int id) {
    if (existing != null) {
      throw new ProtocolException("FRAME_VIOLATION", "stream " + id + " opened twice");
    }
    // The one that dialled has the odd numbers, so two streams never get the same one.
    if (((id & 1) != 0) == client) {
      throw new ProtocolException("FRAME_VIOLATION", "stream " + id + " is not the peer's to open");
    }
    allowance.spend(FrameAllowance.STREAM, Ticker.SYSTEM.nanos());
    if (!hasRoom()) {
      writeControl(Yamux.WINDOW_UPDATE, Yamux.RST, id, ResetCode.LIMIT_EXCEEDED.wire());
      scheduleTurn();
      return null;
    }
    YamuxStream stream = new YamuxStream(this, true);
    stream.id(id);
    streams.put(id, stream);
    busy = true;
    inboundStreams++;
    listener.onStream(stream); // accepted when its turn has come, which holds its peer back
    return stream;
  }

  /** Takes the window of one more stream of the peer, if it may have one. */
  private boolean hasRoom() {
    // Twice the limit: streams whose handler is through still wait for the peer's end.
    int usual = 2 * settings.limits().inboundStreamsPerPeer();
    if (inboundStreams < usual) {
      return budget().tryTake(Yamux.INITIAL_WINDOW);
    }
    return inboundStreams < usual + Yamux.BACKLOG && budget().tryCrowd(Yamux.INITIAL_WINDOW);
  }

  private void acknowledged(YamuxStream stream) {
    if (stream.takeUnacknowledged()) {
      unacknowledged.decrementAndGet();
    }
  }

  private void resetByPeer(YamuxStream stream, long code) {
    stream.fail(new StreamResetException(true, code));
    remove(stream);
  }

  private void remoteClosed(YamuxStream stream) {
    stream.onRemoteClose();
    if (stream.ended()) {
      remove(stream);
    }
  }

  private void remove(YamuxStream stream) {
    if (streams.remove(stream.id()) == null) {
      return;
    }
    if (stream.inbound()) {
      inboundStreams--;
    }
    acknowledged(stream); // one that was reset before it was accepted waits no longer
    stream.onRemoved();
    if (streams.isEmpty()) {
      idleSince = Ticker.SYSTEM.nanos();
      busy = false;
    }
  }

  // ---- sending ----

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable() && !senders.isEmpty()) {
      turn();
    }
    ctx.fireChannelWritabilityChanged();
  }

  private void turn() {
    turnScheduled.set(false);
    // A stream that was opened while the end was under way has no other that would fail it.
    if (closed) {
      if (cause instanceof ConnectionLostException why) {
        failAll(why);
      }
      return;
    }
    // Ahead of data: a window update keeps the other direction going.
    sendControls();
    while (channel.isWritable()) {
      YamuxStream stream = senders.poll();
      if (stream == null) {
        break;
      }
      // One frame, then to the end of the queue: a large answer must not hold up small ones.
      if (send(stream, stream.nextFrame())) {
        senders.add(stream);
      }
    }
    channel.flush();
  }

  /** Hands all that streams have queued to the channel, whether it can take it now or not. */
  private void sendAll() {
    for (YamuxStream each = senders.poll(); each != null; each = senders.poll()) {
      while (send(each, each.nextFrame())) {}
    }
  }

  private void sendControls() {
    if (pongs.isEmpty() && controls.isEmpty()) {
      return;
    }
    ByteBuf out = channel.alloc().directBuffer(16 * Yamux.HEADER);
    for (Integer value = pongs.poll(); value != null; value = pongs.poll()) {
      Yamux.writeHeader(out, Yamux.PING, Yamux.ACK, 0, value);
    }
    for (YamuxStream each = controls.poll(); each != null; each = controls.poll()) {
      each.nextControl(out);
    }
    if (out.isReadable()) {
      write(out);
    } else {
      out.release();
    }
  }

  /** Sends one frame of a stream; false once it has no more. */
  private boolean send(YamuxStream stream, OutboundFrame next) {
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
        moved += frame.readableBytes();
        write(frame);
      }
      case OutboundFrame.HeaderOnly header -> {
        if (header.flags() == Yamux.SYN) {
          // Numbered when it goes out, so that numbers rise on the wire as the protocol wants it.
          stream.id(nextId);
          streams.put(nextId, stream);
          busy = true;
          nextId += 2;
        }
        writeControl(Yamux.WINDOW_UPDATE, header.flags(), stream.id(), header.length());
        if (stream.ended()) {
          remove(stream);
        }
      }
    }
    return true;
  }

  private void writeControl(int type, int flags, int id, int length) {
    ByteBuf out = channel.alloc().directBuffer(Yamux.HEADER);
    Yamux.writeHeader(out, type, flags, id, length);
    write(out);
  }

  private void write(ByteBuf frame) {
    channel.write(frame);
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
    if (now - recentBegan >= timeouts.keepAlive().toNanos()) {
      recentBytes = moved - movedBefore;
      movedBefore = moved;
      recentBegan = now;
    }
    sweepLingering(now);
  }

  private void sweepLingering(long now) {
    long deadline = now + settings.timeouts().linger().toNanos();
    for (YamuxStream each = closedByUs.poll(); each != null; each = closedByUs.poll()) {
      // Peers may leave their end open for ever; the memory of the window is not theirs.
      if (!each.ended()) {
        lingering.add(new Lingering(each, deadline));
      }
    }
    while (!lingering.isEmpty() && lingering.getFirst().deadline() - now <= 0) {
      lingering.removeFirst().stream().reset(ResetCode.NONE);
    }
  }

  private void sendPing(long now) {
    writeControl(Yamux.PING, Yamux.SYN, 0, keepAlive.ping(now));
  }
}
