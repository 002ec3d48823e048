package io.sluice.protocol.multiformats;

import static io.sluice.protocol.ProtocolException.DECODE_NOT_CANONICAL;
import static io.sluice.protocol.ProtocolException.DECODE_TRUNCATED;

import io.sluice.protocol.ProtocolException;
import java.nio.ByteBuffer;

/**
 * Unsigned variable-length integers: seven bits a byte, least significant first, at most nine bytes
 * (63 bits), in the shortest form only.
 *
 * <p>Spec: multiformats/unsigned-varint.
 */
public final class Varint {
  /** The longest encoding, in bytes. */
  public static final int MAX_SIZE = 9;

  private Varint() {}

  /**
   * The length in bytes of the encoding of {@code value}.
   *
   * @throws IllegalArgumentException if the value is negative
   */
  public static int size(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("a varint is not negative: " + value);
    }
    int bits = Long.SIZE - Long.numberOfLeadingZeros(value | 1);
    return (bits + 6) / 7;
  }

  /** Writes {@code value}, 0 or more, at the position of {@code out}. */
  public static void write(ByteBuffer out, long value) {
    int size = size(value);
    long rest = value;
    for (int i = 1; i < size; i++) {
      out.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }

  /**
   * Reads a value at the position of {@code in} and moves the position behind it.
   *
   * @throws ProtocolException if the input ends early, the value needs more than 63 bits, or it is
   *     not in its shortest form
   */
  public static long read(ByteBuffer in) {
    long value = 0;
    for (int i = 0; i < MAX_SIZE; i++) {
      if (!in.hasRemaining()) {
        throw new ProtocolException(DECODE_TRUNCATED, "the input ends inside a varint");
      }
      int next = in.get();
      value |= (long) (next & 0x7f) << (7 * i);
      if (next >= 0) {
        if (next == 0 && i > 0) {
          throw new ProtocolException(DECODE_NOT_CANONICAL, "a varint with leading zeros");
        }
        return value;
      }
    }
    throw new ProtocolException(
        DECODE_NOT_CANONICAL, "a varint of more than " + MAX_SIZE + " bytes");
  }

  /** The encoding of {@code value}, 0 or more. */
  public static byte[] encode(long value) {
    byte[] bytes = new byte[size(value)];
    write(ByteBuffer.wrap(bytes), value);
    return bytes;
  }
}
