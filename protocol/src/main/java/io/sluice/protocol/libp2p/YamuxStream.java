package io.sluice.protocol.libp2p;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.buffer.ByteBuf;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.Ticker;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One stream of a yamux session: the meeting point of application threads, which block, and the
 * event loop, which never does.
 *
 * <p>Methods come in two groups. {@code read}, {@code write}, {@code closeWrite}, {@code closeRead}
 * and {@code reset} are for any thread. Those beginning with {@code on} and {@code next} are the
 * session's, on its event loop. What both touch is guarded by {@link #lock}, under which no byte is
 * copied that could be copied outside.
 *
 * <p>What may happen next is decided elsewhere, by classes that know neither threads nor sessions:
 * {@link StreamLife} (opening, end of each direction, reset), {@link SendQueue} (credit and frames
 * of ours), {@link ReceiveWindow} (the peer's credit), {@link ReceivedBytes}. All four are guarded
 * by the same lock, since each decision needs the others: a frame that comes is kept or dropped by
 * how the stream stands, a writer waits for credit or the end of all. This class has the threads:
 * it takes the lock, asks, wakes who waits, and tells the session.
 *
 * <p>Order of locks: that of {@link StreamReaders} or {@code writers}, which a thread keeps for as
 * long as the peer makes it wait, then {@code lock}, which is held for a moment. The session is
 * told outside of {@code lock}: it has queues of its own, and what it does may be to fail this
 * stream.
 *
 * <p>Bytes are copied once on the way out, into the frame that goes to the socket, and once on the
 * way in, from the socket's buffer to the reader's; only small pieces are gathered on the way.
 *
 * <p>Spec: yamux; libp2p, connections, resets with codes.
 */
final class YamuxStream implements StreamReaders.Source {
  private final YamuxSession session;
  private final boolean inbound;

  private final StreamReaders readers = new StreamReaders(this);

  /** Kept for the whole of a write, so that what two threads write does not mix. */
  private final ReentrantLock writers = new ReentrantLock();

  /** Held for a moment by everybody; nobody waits for memory or the peer while holding it. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition readable = lock.newCondition();
  private final Condition writable = lock.newCondition();

  @GuardedBy("lock")
  private final StreamLife life;

  @GuardedBy("lock")
  private final ReceivedBytes received = new ReceivedBytes();

  @GuardedBy("lock")
  private final ReceiveWindow window;

  @GuardedBy("lock")
  private final SendQueue sending;

  @GuardedBy("lock")
  private boolean acknowledge;

  // Whether it stands in the session's queue of the kind: in each at most once, which bounds them.
  @GuardedBy("lock")
  private boolean controlQueued;

  @GuardedBy("lock")
  private boolean sendQueued;

  /** Event loop only: 0 until the opening frame goes out. */
  private int id;

  /** Event loop only: opened by us, and the peer has not answered. */
  private boolean unacknowledged;

  /** Event loop only: wake the reader at the end of this turn. */
  private boolean wakeReader;

  YamuxStream(YamuxSession session, boolean inbound) {
    this.session = session;
    this.inbound = inbound;
    this.life = new StreamLife(!inbound);
    this.unacknowledged = !inbound;
    this.window = new ReceiveWindow(Ticker.SYSTEM.nanos());
    this.sending = new SendQueue(session.maxBody(), session.sendQueue());
  }

  YamuxSession session() {
    return session;
  }

  boolean inbound() {
    return inbound;
  }

  int id() {
    return id;
  }

  void id(int assigned) {
    id = assigned;
  }

  // ---- application threads ----

  /**
   * Reads at least one byte into {@code dst}.
   *
   * @param waitNanos how long to wait for it; {@link Long#MAX_VALUE} for ever
   * @return −1 at the end of the peer's side
   */
  int read(ByteBuffer dst, long waitNanos) throws IOException {
    if (!dst.hasRemaining()) {
      return 0;
    }
    return readers.read(dst, waitNanos);
  }

  @Override
  public boolean takeOver(ReceivedBytes into, long waitNanos) throws IOException {
    StreamWaits.acquire(lock);
    try {
      long left = waitNanos;
      while (received.isEmpty()) {
        if (life.isReadEnd()) {
          return false;
        }
        left = StreamWaits.await(readable, left, "nothing to read");
      }
      into.takeAll(received);
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean consumed(int count) {
    boolean schedule = false;
    boolean closed;
    lock.lock();
    try {
      closed = life.isReadClosed();
      if (window.read(count) && life.needsCredit()) {
        long wanted =
            window.wantedGrowth(
                Ticker.SYSTEM.nanos(), session.roundTripNanos(), session.maxWindow());
        // Only if the host has memory to spare: a peer that sends fast must not take it from
        // others.
        window.grant(wanted > 0 && session.budget().tryGrow(wanted) ? wanted : 0);
        schedule = !controlQueued;
        controlQueued = true;
      }
    } finally {
      lock.unlock();
    }
    if (schedule) {
      session.scheduleControl(this);
    }
    return closed;
  }

  /** Queues all of the buffers, waiting at most {@code waitNanos} whenever nothing moves. */
  void write(ByteBuffer[] src, long waitNanos) throws IOException {
    StreamWaits.acquire(writers);
    try {
      long left = 0;
      for (ByteBuffer each : src) {
        left += each.remaining();
      }
      int at = 0;
      while (left > 0) {
        while (!src[at].hasRemaining()) {
          at++;
        }
        left -= writeSome(src, at, left, waitNanos);
      }
    } finally {
      writers.unlock();
    }
  }

  private int writeSome(ByteBuffer[] src, int at, long left, long waitNanos) throws IOException {
    int length;
    StreamWaits.acquire(lock);
    try {
      long wait = waitNanos;
      while (sending.room() <= 0 && !life.isWriteClosed()) {
        wait = StreamWaits.await(writable, wait, "the peer takes nothing");
      }
      life.checkWritable();
      length = sending.claim(left);
      ByteBuf shared = sending.shared(length);
      if (shared != null) {
        SendQueue.fill(shared, src, at, length); // its frame waits for its turn already
        return length;
      }
      sending.beginCopy();
    } finally {
      lock.unlock();
    }
    enqueue(src, at, length);
    return length;
  }

  private void enqueue(ByteBuffer[] src, int at, int length) throws IOException {
    // Without the lock: allocating and copying would hold up the event loop and all its streams.
    ByteBuf frame = SendQueue.newFrame(session.allocator(), length, session.maxBody());
    SendQueue.fill(frame, src, at, length);
    lock.lock();
    try {
      sending.endCopy();
      // It failed while we copied, and then nobody else would release the frame.
      if (life.hasFailed()) {
        frame.release();
        life.checkNotFailed();
      }
      sending.add(frame);
    } finally {
      lock.unlock();
    }
    scheduleSend();
  }

  /** Tells the peer that its stream was accepted: it may open another in its place. */
  void accept() {
    boolean schedule;
    lock.lock();
    try {
      acknowledge = true;
      schedule = !controlQueued;
      controlQueued = true;
    } finally {
      lock.unlock();
    }
    if (schedule) {
      session.scheduleControl(this);
    }
  }

  /** Nothing more will be written; FIN goes out behind what is queued. */
  void closeWrite() {
    lock.lock();
    try {
      if (!life.endWriting()) {
        return;
      }
      writable.signalAll();
    } finally {
      lock.unlock();
    }
    scheduleSend();
  }

  /** Nothing more will be read; what has come and what will come is thrown away. */
  void closeRead() {
    lock.lock();
    try {
      life.endReading();
      received.drop();
      readable.signalAll();
    } finally {
      lock.unlock();
    }
    readers.drop();
  }

  /** Drops the stream and tells the peer. */
  void reset(ResetCode code) {
    closeRead();
    lock.lock();
    try {
      if (!life.reset(code.wire())) {
        return;
      }
    } finally {
      lock.unlock();
    }
    fail(new StreamResetException(false, code.wire()));
    scheduleSend();
  }

  /** Whether neither end will send any more. */
  boolean ended() {
    lock.lock();
    try {
      return life.isOver();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until neither end will send any more, at most so long. */
  void awaitEnd(long waitNanos) throws InterruptedIOException {
    StreamWaits.acquire(lock);
    try {
      long left = waitNanos;
      while (!life.isOver() && left > 0) {
        left = writable.awaitNanos(left);
      }
    } catch (InterruptedException stop) {
      throw StreamWaits.interrupted();
    } finally {
      lock.unlock();
    }
  }

  boolean writeClosed() {
    lock.lock();
    try {
      return life.isWriteClosed();
    } finally {
      lock.unlock();
    }
  }

  private void scheduleSend() {
    lock.lock();
    try {
      if (sendQueued) {
        return;
      }
      sendQueued = true;
    } finally {
      lock.unlock();
    }
    session.scheduleSend(this);
  }

  /** Ends all waiting with this failure and drops all that is held. For any thread. */
  void fail(IOException cause) {
    lock.lock();
    try {
      life.fail(cause);
      // The peer will not read it any more; a writer that waits for room hears of the failure.
      sending.drop();
      if (!life.keepsReceived(cause)) {
        received.drop();
      }
      readable.signalAll();
      writable.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // ---- event loop ----

  /**
   * A data frame of this length begins.
   *
   * @throws ProtocolException if the peer has no credit for that
   */
  void onDataHeader(long length) {
    lock.lock();
    try {
      window.take(length);
    } finally {
      lock.unlock();
    }
  }

  /** Takes over a piece of a body; true if a reader should be woken at the end of the turn. */
  boolean onBody(ByteBuf slice) {
    lock.lock();
    try {
      if (!life.keepsData()) {
        slice.release(); // its credit is spent all the same
        return false;
      }
      window.keep(slice.readableBytes());
      received.add(slice, session.allocator());
      // Once in a turn is enough; the session keeps a list of those to be woken at its end.
      if (wakeReader) {
        return false;
      }
      wakeReader = true;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** The end of the turn in which data came. */
  void onTurnEnd() {
    lock.lock();
    try {
      wakeReader = false;
      readable.signal();
    } finally {
      lock.unlock();
    }
  }

  /** The peer will send no more. */
  void onRemoteClose() {
    lock.lock();
    try {
      life.remoteEnded();
      readable.signalAll();
      writable.signalAll(); // who waits for the end of both sides
    } finally {
      lock.unlock();
    }
  }

  /**
   * The peer takes this much more.
   *
   * @throws ProtocolException if that is more than yamux can count
   */
  void onWindowUpdate(long delta) {
    lock.lock();
    try {
      sending.granted(delta);
      writable.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the peer has now, for the first time, accepted this stream or ended it. */
  boolean takeUnacknowledged() {
    boolean first = unacknowledged;
    unacknowledged = false;
    return first;
  }

  /** Writes the window update that is due, if one is. */
  void nextControl(ByteBuf out) {
    long delta;
    boolean ack;
    lock.lock();
    try {
      controlQueued = false;
      delta = window.takeUntold();
      ack = acknowledge;
      acknowledge = false;
      // Of a stream that failed nothing more is read, so nothing more is granted.
      if (life.hasFailed() || (delta == 0 && !ack)) {
        return;
      }
    } finally {
      lock.unlock();
    }
    Yamux.writeHeader(out, Yamux.WINDOW_UPDATE, ack ? Yamux.ACK : 0, id, (int) delta);
  }

  /**
   * The next frame. The stream stays in the queue of senders until this is {@link
   * OutboundFrame.Idle}.
   */
  OutboundFrame nextFrame() {
    lock.lock();
    try {
      OutboundFrame next = life.nextBeforeData();
      if (next == null) {
        ByteBuf frame = sending.poll();
        if (frame != null) {
          if (sending.fellToHalf()) {
            writable.signal();
          }
          return new OutboundFrame.Body(frame);
        }
        next = life.nextBehindData(sending.isDrained());
        if (life.isOver()) {
          writable.signalAll(); // who waits for the end of both sides
        }
      }
      // Under the same lock as the look at the queue: who adds to it after this queues it again.
      if (next instanceof OutboundFrame.Idle) {
        sendQueued = false;
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  /** The session has forgotten the stream: its share of the window memory goes back. */
  void onRemoved() {
    long promised;
    lock.lock();
    try {
      promised = window.giveUp();
    } finally {
      lock.unlock();
    }
    session.budget().giveBack(promised);
  }
}
