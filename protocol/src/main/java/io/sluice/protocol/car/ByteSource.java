package io.sluice.protocol.car;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Bytes read by position: a file, or a buffer in memory. Reading moves no shared position, so any
 * number of threads may read one source at once.
 */
public interface ByteSource {
  /**
   * Reads some bytes, at least one unless the end is reached or {@code target} is full.
   *
   * @param position counted from the first byte of the source; not negative
   * @return how many bytes were read, or -1 at and behind the end
   */
  int read(ByteBuffer target, long position) throws IOException;

  /** How many bytes there are now. */
  long size() throws IOException;

  /**
   * Fills {@code target} from its position to its limit.
   *
   * @throws EOFException if the source ends before
   */
  default void readFully(ByteBuffer target, long position) throws IOException {
    long at = position;
    while (target.hasRemaining()) {
      int count = read(target, at);
      if (count < 0) {
        throw new EOFException(
            "ended at byte " + at + ", " + target.remaining() + " more were expected");
      }
      at += count;
    }
  }

  /** The bytes of a file; closing the channel stays with the caller. */
  static ByteSource of(FileChannel channel) {
    return new ByteSource() {
      @Override
      public int read(ByteBuffer target, long position) throws IOException {
        return channel.read(target, position);
      }

      @Override
      public long size() throws IOException {
        return channel.size();
      }
    };
  }

  /** The remaining bytes of a buffer, which is not copied. */
  static ByteSource of(ByteBuffer buffer) {
    ByteBuffer bytes = buffer.slice();
    return new ByteSource() {
      @Override
      public int read(ByteBuffer target, long position) {
        if (position >= bytes.limit()) {
          return -1;
        }
        int count = (int) Math.min(target.remaining(), bytes.limit() - position);
        target.put(bytes.slice((int) position, count));
        return count;
      }

      @Override
      public long size() {
        return bytes.limit();
      }
    };
  }
}
