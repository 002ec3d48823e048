package io.sluice.protocol.libp2p;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.buffer.ByteBuf;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.Ticker;
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
 * <p>Each direction ends on its own. Sending: {@code finDue} lets no more be written, FIN goes out
 * when the queue is empty, {@code finSent} is the end. Receiving: FIN of the peer sets {@code
 * remoteClosed}, and readers see the end when they have read what came before it; {@code
 * readClosed} is our own lack of interest, of which yamux has no word, so data is still taken, and
 * dropped, and no credit is given for it. A reset or a broken connection is a {@code failure} of
 * both; the first one counts, and everybody who waits gets a copy of it. After a broken connection
 * what has come may still be read, after a reset it may not.
 *
 * <p>Bytes are copied once on the way out, into the frame that goes to the socket, and once on the
 * way in, from the socket's buffer to the reader's; only small pieces are gathered on the way.
 *
 * <p>It is one idea, and so one class: what a stream may do next depends on both directions, on the
 * reset and on the failure together, and one lock decides it. What could be told apart is: the
 * peer's credit is a {@link ReceiveWindow}, the turns are the session's.
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

  /** What the reader has taken over and not yet copied out. */
  @GuardedBy("readers")
  private final ArrayDeque<ByteBuf> reading = new ArrayDeque<>();

  /** Held for a moment by everybody; nobody waits for memory or the peer while holding it. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition readable = lock.newCondition();
  private final Condition writable = lock.newCondition();

  // receiving
  @GuardedBy("lock")
  private final ArrayDeque<ByteBuf> received = new ArrayDeque<>();

  @GuardedBy("lock")
  private final ReceiveWindow window;

  @GuardedBy("lock")
  private boolean acknowledge;

  @GuardedBy("lock")
  private boolean remoteClosed;

  @GuardedBy("lock")
  private boolean readClosed;

  @GuardedBy("lock")
  private boolean controlQueued;

  // sending
  @GuardedBy("lock")
  private final ArrayDeque<ByteBuf> queue = new ArrayDeque<>();

  // What was claimed of the send queue, copied or not: room has to be taken before the bytes are.
  @GuardedBy("lock")
  private int queued;

  @GuardedBy("lock")
  private boolean copying;

  @GuardedBy("lock")
  private long sendCredit = Yamux.INITIAL_WINDOW;

  // What has to be said next, in this order of importance: a reset overrules all, an opening goes
  // before data, the end behind it.
  @GuardedBy("lock")
  private boolean synDue;

  @GuardedBy("lock")
  private boolean finDue;

  @GuardedBy("lock")
  private boolean finSent;

  @GuardedBy("lock")
  private boolean resetDue;

  @GuardedBy("lock")
  private long resetCode;

  @GuardedBy("lock")
  private boolean sendQueued;

  @GuardedBy("lock")
  private @Nullable IOException failure;

  // Its window memory was given back; whatever it would still grow by is nobody's to give.
  @GuardedBy("lock")
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
    this.window = new ReceiveWindow(Ticker.SYSTEM.nanos());
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
      // Taken over in one go, so that the event loop's lock is not needed for each small read.
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
      // Closed by another thread meanwhile: what is left will not be asked for.
      if (consumed(count)) {
        releaseAll(reading);
      }
      return count;
    } finally {
      readers.unlock();
    }
  }

  /** Takes over all that has come; false at the end of the stream. */
  @GuardedBy("readers")
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
      closed = readClosed;
      if (window.read(count) && !remoteClosed && failure == null) {
        window.grant(growth());
        schedule = !controlQueued;
        controlQueued = true;
      }
    } finally {
      lock.unlock();
    }
    // Outside of the lock: the session has queues of its own to guard.
    if (schedule) {
      session.scheduleControl(this);
    }
    return closed;
  }

  /** By how much the window grows now, the host's memory permitting. */
  @GuardedBy("lock")
  private long growth() {
    long wanted =
        window.wantedGrowth(Ticker.SYSTEM.nanos(), session.roundTripNanos(), session.maxWindow());
    return wanted > 0 && !removed && session.budget().tryGrow(wanted) ? wanted : 0;
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
      // Claimed before the bytes are copied, which happens without the lock.
      sendCredit -= length;
      queued += length;
      ByteBuf last = queue.peekLast();
      if (length <= COALESCE && last != null && last.writableBytes() >= length) {
        copy(src, at, last, length);
        return length;
      }
      copying = true; // FIN has to wait for this frame
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
      // It failed while we copied, and then nobody else would release the frame.
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
  @GuardedBy("lock")
  private long room() {
    return Math.min(Math.min(sendCredit, session.maxBody()), (long) session.sendQueue() - queued);
  }

  @GuardedBy("lock")
  private void checkWritable() throws IOException {
    if (failure != null) {
      throw again(failure);
    }
    if (finDue) {
      throw new StreamResetException(false, 0);
    }
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
      // A peer that has said everything, and heard everything, has forgotten the stream.
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

  /** Waits until neither end will send any more, at most so long. */
  void awaitEnd(long waitNanos) throws InterruptedIOException {
    acquire(lock);
    try {
      long left = waitNanos;
      while (failure == null && !(finSent && remoteClosed) && left > 0) {
        left = writable.awaitNanos(left);
      }
    } catch (InterruptedException stop) {
      throw interrupted();
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
      // The peer will not read it any more; a writer that waits for room hears of the failure.
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
      window.take(length);
    } finally {
      lock.unlock();
    }
  }

  /** Takes over a piece of a body; true if a reader should be woken at the end of the turn. */
  boolean onBody(ByteBuf slice) {
    int length = slice.readableBytes();
    lock.lock();
    try {
      // Data behind a FIN or a reset: their credit is spent, and nobody wants them.
      if (readClosed || remoteClosed || failure != null) {
        slice.release();
        return false;
      }
      window.keep(length);
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
      remoteClosed = true;
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
      if (failure != null || (delta == 0 && !ack)) {
        return;
      }
    } finally {
      lock.unlock();
    }
    Yamux.writeHeader(out, Yamux.WINDOW_UPDATE, ack ? Yamux.ACK : 0, id, (int) delta);
  }

  private static final OutboundFrame IDLE = new OutboundFrame.Idle();

  /**
   * The next frame. The stream stays in the queue of senders until this is {@link
   * OutboundFrame.Idle}.
   */
  OutboundFrame nextFrame() {
    lock.lock();
    try {
      if (resetDue || failure != null) {
        return nextReset();
      }
      if (synDue) {
        synDue = false;
        return new OutboundFrame.HeaderOnly(Yamux.SYN, 0);
      }
      ByteBuf frame = queue.poll();
      if (frame != null) {
        int before = queued;
        queued -= frame.readableBytes() - Yamux.HEADER;
        // Woken at half, and once: a writer for each frame would run for each frame.
        int low = session.sendQueue() / 2;
        if (before > low && queued <= low) {
          writable.signal();
        }
        return new OutboundFrame.Body(frame);
      }
      // Behind everything that was written, also what a writer is still copying.
      if (finDue && !finSent && !copying) {
        finSent = true;
        writable.signalAll();
        return new OutboundFrame.HeaderOnly(Yamux.FIN, 0);
      }
      sendQueued = false;
      return IDLE;
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private OutboundFrame nextReset() {
    if (!resetDue || synDue) { // never opened: the peer has not heard of it
      resetDue = false;
      sendQueued = false;
      return IDLE;
    }
    resetDue = false;
    return new OutboundFrame.HeaderOnly(Yamux.RST, (int) resetCode);
  }

  /** The session has forgotten the stream: its share of the window memory goes back. */
  void onRemoved() {
    long promised;
    lock.lock();
    try {
      // Given back once, whichever of the ways to an end came first; it does not grow any more.
      promised = removed ? 0 : window.size();
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
