package io.sluice.protocol.libp2p;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Bytes that came and were not read yet, in the pieces in which the socket gave them. Large pieces
 * stay the slices of its buffer that they are, so that nothing is copied before it is read; small
 * ones are gathered. For one thread at a time, which its owner sees to.
 */
final class ReceivedBytes {
  /**
   * Pieces below this are copied together, so that a peer cannot make us hold an object, and the
   * whole of a socket's buffer, for each byte.
   */
  static final int SMALL = 1024;

  private static final int SMALL_TOGETHER = 8 * 1024;

  private final ArrayDeque<ByteBuf> pieces = new ArrayDeque<>();

  boolean isEmpty() {
    return pieces.isEmpty();
  }

  /** Takes over what came; the piece belongs to this now. */
  void add(ByteBuf piece, ByteBufAllocator allocator) {
    int length = piece.readableBytes();
    if (length >= SMALL) {
      pieces.add(piece);
      return;
    }
    ByteBuf last = pieces.peekLast();
    // Slices have no room, so one that has is ours to write to.
    if (last == null || last.writableBytes() < length) {
      last = allocator.directBuffer(SMALL_TOGETHER, SMALL_TOGETHER);
      pieces.add(last);
    }
    last.writeBytes(piece);
    piece.release();
  }

  /** Takes over all that the other has, which is then empty. */
  void takeAll(ReceivedBytes other) {
    pieces.addAll(other.pieces);
    other.pieces.clear();
  }

  /** Reads as much as there is room for; returns how much that was. */
  int read(ByteBuffer dst) {
    int count = 0;
    while (dst.hasRemaining() && !pieces.isEmpty()) {
      ByteBuf head = pieces.getFirst();
      int length = Math.min(dst.remaining(), head.readableBytes());
      int limit = dst.limit();
      dst.limit(dst.position() + length);
      head.readBytes(dst);
      dst.limit(limit);
      count += length;
      if (!head.isReadable()) {
        pieces.removeFirst().release();
      }
    }
    return count;
  }

  /** Throws all of it away. */
  void drop() {
    for (ByteBuf each : pieces) {
      each.release();
    }
    pieces.clear();
  }
}
