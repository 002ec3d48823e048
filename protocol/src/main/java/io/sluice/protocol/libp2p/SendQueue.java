package io.sluice.protocol.libp2p;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sluice.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What one stream has still to send, in frames, and how much more it may take on: as much as the
 * peer has granted, as a frame can carry, and as the queue has room for, whichever is least.
 *
 * <p>Room is claimed before the bytes are copied, since copying is done without the lock: a claim
 * is spent credit, whatever becomes of it. Guarded by the lock of its stream. Spec: yamux, flow
 * control.
 */
final class SendQueue {
  /** Writes below this share a frame with what waits before them. */
  static final int COALESCE = 4 * 1024;

  /** More than a field of 32 bits could ever have granted. */
  private static final long MOST_CREDIT = 0xffff_ffffL;

  private final int maxBody;
  private final int most;
  private final ArrayDeque<ByteBuf> frames = new ArrayDeque<>();
  private int claimed;
  private boolean copying;
  private boolean fellToHalf;
  private long credit = Yamux.INITIAL_WINDOW;

  /**
   * An empty one.
   *
   * @param maxBody bytes of data that a frame carries at most
   * @param most bytes that may wait
   */
  SendQueue(int maxBody, int most) {
    this.maxBody = maxBody;
    this.most = most;
  }

  /** How many bytes one frame could take now; 0 or less if a writer has to wait. */
  long room() {
    return Math.min(Math.min(credit, maxBody), (long) most - claimed);
  }

  /** Takes room for as much of that as a frame can have, and returns how much that is. */
  int claim(long wanted) {
    int length = (int) Math.min(wanted, room());
    credit -= length;
    claimed += length;
    return length;
  }

  /**
   * The frame that a claimed piece goes into behind what is there, so that many small writes do not
   * cost a header and a buffer each; null if it wants one of its own. It may be filled under the
   * lock only, which is why large pieces never are: the event loop would wait for the copy.
   */
  @Nullable ByteBuf shared(int length) {
    ByteBuf last = frames.peekLast();
    return length <= COALESCE && last != null && last.writableBytes() >= length ? last : null;
  }

  /** A claimed piece is being copied into a frame of its own; the end waits for it. */
  void beginCopy() {
    copying = true;
  }

  /** Nothing is being copied any more, whether a frame came of it or not. */
  void endCopy() {
    copying = false;
  }

  /** An empty frame for a piece: a small one leaves room for those behind it. */
  static ByteBuf newFrame(ByteBufAllocator allocator, int length, int maxBody) {
    int capacity = Yamux.HEADER + Math.max(length, Math.min(COALESCE, maxBody));
    return allocator.directBuffer(capacity, capacity).writerIndex(Yamux.HEADER);
  }

  /** Appends so many bytes of the buffers to a frame, beginning with this one of them. */
  static void fill(ByteBuf frame, ByteBuffer[] src, int from, int length) {
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

  /** The last to be sent. It belongs to the queue now. */
  void add(ByteBuf frame) {
    frames.add(frame);
  }

  /** The next to be sent, which belongs to the caller; null if none is ready. */
  @Nullable ByteBuf poll() {
    ByteBuf frame = frames.poll();
    int before = claimed;
    if (frame != null) {
      claimed -= frame.readableBytes() - Yamux.HEADER;
    }
    fellToHalf = before > most / 2 && claimed <= most / 2;
    return frame;
  }

  /**
   * Whether the last frame that was taken left it half empty. That is the moment to wake a writer,
   * and the only one: woken for each frame, it would run for each frame.
   */
  boolean fellToHalf() {
    return fellToHalf;
  }

  /** Whether all that was claimed has been taken, so that the end may follow. */
  boolean isDrained() {
    return frames.isEmpty() && !copying;
  }

  /**
   * The peer takes this much more.
   *
   * @throws ProtocolException if that is more than yamux can count: a peer that grants without end
   *     would otherwise turn the sum around
   */
  void granted(long delta) {
    credit += delta;
    if (credit > MOST_CREDIT) {
      throw new ProtocolException("FRAME_VIOLATION", "window of " + credit + " bytes");
    }
  }

  /** Gives up what waits: the peer will not read it. What is being copied is the copier's. */
  void drop() {
    for (ByteBuf each : frames) {
      each.release();
    }
    frames.clear();
    claimed = 0;
  }
}
