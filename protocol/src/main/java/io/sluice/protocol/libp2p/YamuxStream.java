package io.sluice.protocol.libp2p;

import io.netty.buffer.ByteBuf;
import io.sluice.protocol.ProtocolException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a yamux session: the meeting point of application threads, which block, and the
 * event loop, which never does.
 *
 * <p>Methods come in two groups. {@code read}, {@code write}, {@code closeWrite}, {@code closeRead}
 * and {@code reset} are for any thread. Those beginning with {@code on} and {@code next} are the
 * session's, on its event loop. What both touch is guarded by {@link #lock}, under which no byte is
 * copied that could be copied outside.
 *
 * <p>Receiving: the peer may have {@code window} bytes under way or unread. As the application
 * consumes, the freed room is granted again in steps of half a window; while such steps come faster
 * than four round trips, the window is what limits the speed, and doubles, as far as the host's
 * memory for that goes.
 */
final class YamuxStream {
  /**
   * Pieces below this are copied together, so that a peer cannot make us hold an object for each
   * byte.
   */
  private static final int SMALL = 1024;

  private static final int SMALL_TOGETHER = 8 * 1024;

  /** Writes below this share a frame with what waits before them. */
  private static final int COALESCE = 4 * 1024;

  private final YamuxSession session;
  private final boolean inbound;

  private final ReentrantLock readers = new ReentrantLock();
  private final ReentrantLock writers = new ReentrantLock();

  /** What the reader has taken over and not yet copied out; guarded by {@link #readers}. */
  private final ArrayDeque<ByteBuf> reading = new ArrayDeque<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition readable = lock.newCondition();
  private final Condition writable = lock.newCondition();

  // receiving
  private final ArrayDeque<ByteBuf> received = new ArrayDeque<>();
  private long unread;
  private long receiveCredit = Yamux.INITIAL_WINDOW;
  private long window = Yamux.INITIAL_WINDOW;
  private long lastGrant;
  private long grant;
  private boolean acknowledge;
  private boolean remoteClosed;
  private boolean readClosed;
  private boolean controlQueued;

  // sending
  private final ArrayDeque<ByteBuf> queue = new ArrayDeque<>();
  private int queued;
  private boolean copying;
  private long sendCredit = Yamux.INITIAL_WINDOW;
  private boolean synDue;
  private boolean finDue;
  private boolean finSent;
  private boolean resetDue;
  private long resetCode;
  private boolean sendQueued;

  private @Nullable IOException failure;
  private boolean removed;

  /** Event loop only: 0 until the opening frame goes out. */
  private int id;

  /** Event loop only: opened by us, and the peer has not answered. */
  private boolean unacknowledged;

  /** Event loop only: wake the reader at the end of this turn. */
  private boolean wakeReader;

  YamuxStream(YamuxSession session, boolean inbound) {
    this.session = session;
    this.inbound = inbound;
    this.synDue = !inbound;
    this.unacknowledged = !inbound;
    this.lastGrant = System.nanoTime();
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
    acquire(readers);
    try {
      if (reading.isEmpty() && !refill(waitNanos)) {
        return -1;
      }
      int count = 0;
      while (dst.hasRemaining() && !reading.isEmpty()) {
        ByteBuf head = reading.getFirst();
        int length = Math.min(dst.remaining(), head.readableBytes());
        int limit = dst.limit();
        dst.limit(dst.position() + length);
        head.readBytes(dst);
        dst.limit(limit);
        count += length;
        if (!head.isReadable()) {
          reading.removeFirst().release();
        }
      }
      if (consumed(count)) {
        releaseAll(reading);
      }
      return count;
    } finally {
      readers.unlock();
    }
  }

  /** Takes over all that has come; false at the end of the stream. */
  private boolean refill(long waitNanos) throws IOException {
    acquire(lock);
    try {
      long left = waitNanos;
      while (received.isEmpty()) {
        if (remoteClosed && !(failure instanceof StreamResetException) && !readClosed) {
          return false; // all had come, whatever became of the connection since
        }
        if (failure != null) {
          throw again(failure);
        }
        if (readClosed) {
          throw new StreamResetException(false, 0);
        }
        left = await(readable, left, "nothing to read");
      }
      reading.addAll(received);
      received.clear();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Grants anew what was freed; true if reading was closed meanwhile. */
  private boolean consumed(int count) {
    boolean schedule = false;
    boolean closed;
    lock.lock();
    try {
      unread -= count;
      closed = readClosed;
      long room = window - receiveCredit - unread;
      if (room >= window / 2 && !remoteClosed && failure == null) {
        room += grow();
        receiveCredit += room;
        grant += room;
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

  /** By how much the window has just grown. */
  private long grow() {
    long now = System.nanoTime();
    long sinceLast = now - lastGrant;
    lastGrant = now;
    long step = Math.min(window, session.maxWindow() - window);
    if (removed
        || step <= 0
        || sinceLast >= 4 * session.roundTripNanos()
        || !session.budget().tryGrow(step)) {
      return 0;
    }
    window += step;
    return step;
  }

  /** Queues all of the buffers, waiting at most {@code waitNanos} whenever nothing moves. */
  void write(ByteBuffer[] src, long waitNanos) throws IOException {
    acquire(writers);
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
    acquire(lock);
    try {
      long wait = waitNanos;
      while (room() <= 0 && failure == null && !finDue) {
        wait = await(writable, wait, "the peer takes nothing");
      }
      checkWritable();
      length = (int) Math.min(left, room());
      sendCredit -= length;
      queued += length;
      ByteBuf last = queue.peekLast();
      if (length <= COALESCE && last != null && last.writableBytes() >= length) {
        copy(src, at, last, length);
        return length;
      }
      copying = true;
    } finally {
      lock.unlock();
    }
    enqueue(src, at, length);
    return length;
  }

  private void enqueue(ByteBuffer[] src, int at, int length) throws IOException {
    int capacity = Math.max(length, Math.min(COALESCE, session.maxBody()));
    ByteBuf frame =
        session.allocator().directBuffer(Yamux.HEADER + capacity, Yamux.HEADER + capacity);
    frame.writerIndex(Yamux.HEADER);
    copy(src, at, frame, length);
    lock.lock();
    try {
      copying = false;
      if (failure != null) {
        frame.release();
        throw again(failure);
      }
      queue.add(frame);
    } finally {
      lock.unlock();
    }
    scheduleSend();
  }

  private static void copy(ByteBuffer[] src, int from, ByteBuf frame, int length) {
    int left = length;
    for (int at = from; left > 0; at++) {
      ByteBuffer each = src[at];
      int part = Math.min(left, each.remaining());
      int limit = each.limit();
      each.limit(each.position() + part);
      frame.writeBytes(each);
      each.limit(limit);
      left -= part;
    }
  }

  /** How many bytes one frame could take now. */
  private long room() {
    return Math.min(Math.min(sendCredit, session.maxBody()), (long) session.sendQueue() - queued);
  }

  private void checkWritable() throws IOException {
    if (failure != null) {
      throw again(failure);
    }
    if (finDue) {
      throw new StreamResetException(false, 0);
    }
  }

  /** Nothing more will be written; FIN goes out behind what is queued. */
  void closeWrite() {
    lock.lock();
    try {
      if (finDue || failure != null) {
        return;
      }
      finDue = true;
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
      readClosed = true;
      releaseAll(received);
      readable.signalAll();
    } finally {
      lock.unlock();
    }
    if (readers.tryLock()) { // else a reader is at it, and will come back for more in vain
      try {
        releaseAll(reading);
      } finally {
        readers.unlock();
      }
    }
  }

  /** Drops the stream and tells the peer. */
  void reset(ResetCode code) {
    closeRead();
    lock.lock();
    try {
      if (failure != null || (finSent && remoteClosed)) {
        return;
      }
      resetDue = true;
      resetCode = code.wire();
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
      return failure != null || (finSent && remoteClosed);
    } finally {
      lock.unlock();
    }
  }

  boolean writeClosed() {
    lock.lock();
    try {
      return failure != null || finDue;
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
      if (failure == null) {
        failure = cause;
      }
      releaseAll(queue);
      queued = 0;
      if (readClosed || !(cause instanceof ConnectionLostException)) {
        releaseAll(received); // after a broken connection, what has come may still be read
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
      if (length > receiveCredit) {
        throw new ProtocolException(
            "FRAME_VIOLATION", "data frame of " + length + " bytes, credit of " + receiveCredit);
      }
      receiveCredit -= length;
    } finally {
      lock.unlock();
    }
  }

  /** Takes over a piece of a body; true if a reader should be woken at the end of the turn. */
  boolean onBody(ByteBuf slice) {
    int length = slice.readableBytes();
    lock.lock();
    try {
      if (readClosed || remoteClosed || failure != null) {
        slice.release();
        return false;
      }
      unread += length;
      ByteBuf last = received.peekLast();
      if (length >= SMALL) {
        received.add(slice);
      } else if (last != null
          && last.writableBytes() >= length) { // slices have no room, so this is one of ours
        last.writeBytes(slice);
        slice.release();
      } else {
        ByteBuf together = session.allocator().directBuffer(SMALL_TOGETHER, SMALL_TOGETHER);
        together.writeBytes(slice);
        slice.release();
        received.add(together);
      }
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
      remoteClosed = true;
      readable.signalAll();
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
      sendCredit += delta;
      if (sendCredit > 0xffff_ffffL) {
        throw new ProtocolException("FRAME_VIOLATION", "window of " + sendCredit + " bytes");
      }
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

  /** Tells the peer that its stream was accepted. */
  void acknowledgeNext() {
    lock.lock();
    try {
      acknowledge = true;
      controlQueued = true;
    } finally {
      lock.unlock();
    }
    session.scheduleControl(this);
  }

  /** Writes the window update that is due, if one is. */
  void nextControl(ByteBuf out) {
    long delta;
    boolean ack;
    lock.lock();
    try {
      controlQueued = false;
      delta = grant;
      ack = acknowledge;
      grant = 0;
      acknowledge = false;
      if (failure != null || (delta == 0 && !ack)) {
        return;
      }
    } finally {
      lock.unlock();
    }
    Yamux.writeHeader(out, Yamux.WINDOW_UPDATE, ack ? Yamux.ACK : 0, id, (int) delta);
  }

  /** What a stream puts on the wire at its turn. */
  sealed interface Turn {

    /** Nothing, and it left the queue of senders. */
    record Nothing() implements Turn {}

    /** A frame without a body. */
    record Control(int flags, int length) implements Turn {}

    /** A frame whose first bytes are free for the header. */
    record Data(ByteBuf frame) implements Turn {}
  }

  private static final Turn NOTHING = new Turn.Nothing();

  /**
   * The next frame. The stream stays in the queue of senders until this is {@link Turn.Nothing}.
   */
  Turn nextFrame() {
    lock.lock();
    try {
      if (resetDue || failure != null) {
        return nextReset();
      }
      if (synDue) {
        synDue = false;
        return new Turn.Control(Yamux.SYN, 0);
      }
      ByteBuf frame = queue.poll();
      if (frame != null) {
        int before = queued;
        queued -= frame.readableBytes() - Yamux.HEADER;
        int low = session.sendQueue() / 2;
        if (before > low && queued <= low) {
          writable.signal();
        }
        return new Turn.Data(frame);
      }
      if (finDue && !finSent && !copying) {
        finSent = true;
        return new Turn.Control(Yamux.FIN, 0);
      }
      sendQueued = false;
      return NOTHING;
    } finally {
      lock.unlock();
    }
  }

  private Turn nextReset() {
    if (!resetDue || synDue) { // never opened: the peer has not heard of it
      resetDue = false;
      sendQueued = false;
      return NOTHING;
    }
    resetDue = false;
    return new Turn.Control(Yamux.RST, (int) resetCode);
  }

  /** The session has forgotten the stream: its share of the window memory goes back. */
  void onRemoved() {
    long promised;
    lock.lock();
    try {
      promised = removed ? 0 : window;
      removed = true;
    } finally {
      lock.unlock();
    }
    session.budget().giveBack(promised);
  }

  // ---- waiting ----

  /** Waits under {@link #lock}; returns what is left of the time. */
  @SuppressWarnings("WaitNotInLoop") // the loop is the caller's
  private static long await(Condition condition, long nanos, String what) throws IOException {
    if (nanos <= 0) {
      throw new TimedOutException("stream idle: " + what);
    }
    try {
      if (nanos == Long.MAX_VALUE) {
        condition.await();
        return nanos;
      }
      return condition.awaitNanos(nanos);
    } catch (InterruptedException interrupted) {
      throw interrupted();
    }
  }

  private static void acquire(ReentrantLock lock) throws InterruptedIOException {
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException interrupted) {
      throw interrupted();
    }
  }

  private static InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted while waiting for a stream");
  }

  private static void releaseAll(ArrayDeque<ByteBuf> buffers) {
    for (ByteBuf each : buffers) {
      each.release();
    }
    buffers.clear();
  }

  /** A fresh exception of the same kind, so that each caller sees its own stack. */
  private static IOException again(IOException failure) {
    return switch (failure) {
      case StreamResetException reset -> new StreamResetException(reset.byPeer(), reset.code());
      case ConnectionLostException lost ->
          new ConnectionLostException(String.valueOf(lost.getMessage()), lost);
      default -> failure;
    };
  }
}
