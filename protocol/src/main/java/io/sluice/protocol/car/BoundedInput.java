package io.sluice.protocol.car;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Varint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;

/** Buffered reading from front to end, up to a bound that may become known on the way. */
final class BoundedInput {
  private static final int BUFFER = 64 << 10;

  /** Allocation runs ahead of data that has really come by this and so many times that data. */
  private static final int TRUST = 64 << 10;

  private static final int TRUST_FACTOR = 8;

  private final ReadableByteChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).flip();
  private long position;
  private long end = Long.MAX_VALUE;

  BoundedInput(ReadableByteChannel channel) {
    this.channel = channel;
  }

  /** How many bytes were taken. */
  long position() {
    return position;
  }

  /** From here on the input ends at {@code newEnd}, wherever the channel ends. */
  void endAt(long newEnd) {
    this.end = newEnd;
  }

  boolean atEnd() throws IOException {
    if (position == end) {
      return true;
    }
    boolean dry = !buffer.hasRemaining() && !refill();
    if (dry && end != Long.MAX_VALUE) {
      throw cutOff(1);
    }
    return dry;
  }

  long varint() throws IOException {
    byte[] bytes = new byte[10];
    int count = 0;
    do {
      if (count == bytes.length) {
        throw BadCar.because("length prefix is too long");
      }
      bytes[count++] = one();
    } while (bytes[count - 1] < 0);
    try {
      return Varint.read(ByteBuffer.wrap(bytes, 0, count));
    } catch (ProtocolException e) {
      throw BadCar.at("length prefix", e);
    }
  }

  /** The next bytes, in a buffer of their own. */
  ByteBuffer take(int length) throws IOException {
    if (length > end - position) {
      throw cutOff(length);
    }
    byte[] bytes = new byte[(int) Math.min(length, trusted())];
    int have = 0;
    while (have < length) {
      if (have == bytes.length) {
        bytes = Arrays.copyOf(bytes, length);
      }
      have += some(bytes, have);
    }
    position += length;
    return ByteBuffer.wrap(bytes, 0, length);
  }

  private long trusted() {
    return TRUST + TRUST_FACTOR * Math.min(position, Integer.MAX_VALUE);
  }

  void skip(long count) throws IOException {
    long left = count;
    while (left > 0) {
      if (!buffer.hasRemaining() && !refill()) {
        throw cutOff(left);
      }
      int step = (int) Math.min(left, buffer.remaining());
      buffer.position(buffer.position() + step);
      left -= step;
    }
    position += count;
  }

  /**
   * Reads to the end.
   *
   * @throws ProtocolException {@code BAD_CAR} if anything but zeros comes
   */
  void zerosToTheEnd() throws IOException {
    while (!atEnd()) {
      if (one() != 0) {
        throw BadCar.because("a section of length zero at " + position + ", and no padding");
      }
    }
  }

  private byte one() throws IOException {
    if (position == end || (!buffer.hasRemaining() && !refill())) {
      throw cutOff(1);
    }
    position++;
    return buffer.get();
  }

  /** Large stretches go from the channel to their place without a stay in the buffer. */
  private int some(byte[] target, int from) throws IOException {
    int wanted = target.length - from;
    if (!buffer.hasRemaining() && wanted >= BUFFER) {
      int count = channel.read(ByteBuffer.wrap(target, from, wanted));
      if (count < 0) {
        throw cutOff(wanted);
      }
      return count;
    }
    if (!buffer.hasRemaining() && !refill()) {
      throw cutOff(wanted);
    }
    int count = Math.min(wanted, buffer.remaining());
    buffer.get(target, from, count);
    return count;
  }

  private boolean refill() throws IOException {
    buffer.clear();
    int count = 0;
    while (count == 0) {
      count = channel.read(buffer);
    }
    buffer.flip();
    return count > 0;
  }

  private ProtocolException cutOff(long more) {
    return BadCar.because("cut off behind byte " + position + ", " + more + " more were expected");
  }
}
