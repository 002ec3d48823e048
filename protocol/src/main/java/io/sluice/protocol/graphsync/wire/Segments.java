package io.sluice.protocol.graphsync.wire;

import io.sluice.protocol.multiformats.Varint;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Bytes being written: small pieces are gathered into buffers, large ones (blocks) stand between
 * them uncopied.
 */
final class Segments {

  private static final int LARGE = 1024;
  private static final int BUFFER = 4096;

  private final List<ByteBuffer> done = new ArrayList<>();
  private ByteBuffer current = ByteBuffer.allocate(BUFFER);
  private long size;

  void put(byte value) {
    room(1).put(value);
  }

  void put(byte[] bytes) {
    room(bytes.length).put(bytes);
  }

  void putVarint(long value) {
    put(Varint.encode(value));
  }

  /** Puts the remaining bytes of a buffer, which must not change until all is written. */
  void putLarge(ByteBuffer bytes) {
    if (bytes.remaining() < LARGE) {
      room(bytes.remaining()).put(bytes.duplicate());
      return;
    }
    cut();
    done.add(bytes.duplicate());
    size += bytes.remaining();
  }

  /** Bytes so far. */
  long size() {
    return size + current.position();
  }

  /** Everything in order, ready for reading. */
  List<ByteBuffer> all() {
    cut();
    return done;
  }

  private ByteBuffer room(int bytes) {
    if (current.remaining() < bytes) {
      cut();
      if (current.remaining() < bytes) {
        current = ByteBuffer.allocate(Math.max(BUFFER, bytes));
      }
    }
    return current;
  }

  /** Ends the current buffer and goes on behind it. */
  private void cut() {
    if (current.position() == 0) {
      return;
    }
    ByteBuffer full = current.duplicate().flip();
    done.add(full);
    size += full.remaining();
    current = current.slice();
  }
}
