package io.sluice.protocol.multiformats;

import static io.sluice.protocol.ProtocolException.DECODE_NOT_CANONICAL;
import static io.sluice.protocol.ProtocolException.DECODE_TRUNCATED;

import io.sluice.protocol.ProtocolException;
import java.io.IOException;
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

  /** The longest encoding of 64 bits, in bytes; see {@link #writeBits}. */
  public static final int MAX_BITS_SIZE = 10;

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
    return bitsSize(value);
  }

  private static int bitsSize(long bits) {
    return (Long.SIZE - Long.numberOfLeadingZeros(bits | 1) + 6) / 7;
  }

  /** Writes {@code value}, 0 or more, at the position of {@code out}. */
  public static void write(ByteBuffer out, long value) {
    size(value);
    writeBits(out, value);
  }

  /** Writes all 64 bits of a number, with up to {@link #MAX_BITS_SIZE} bytes, as protobuf does. */
  public static void writeBits(ByteBuffer out, long bits) {
    long rest = bits;
    for (int left = bitsSize(bits); left > 1; left--) {
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
    Partial value = new Partial();
    boolean whole = false;
    while (!whole) {
      if (!in.hasRemaining()) {
        throw new ProtocolException(DECODE_TRUNCATED, "the input ends inside a varint");
      }
      whole = value.take(in.get());
      if (!whole && value.size() == MAX_SIZE) {
        throw new ProtocolException(
            DECODE_NOT_CANONICAL, "a varint of more than " + MAX_SIZE + " bytes");
      }
    }
    if (!value.isMinimal()) {
      throw new ProtocolException(DECODE_NOT_CANONICAL, "a varint with leading zeros");
    }
    return value.value();
  }

  /** The encoding of {@code value}, 0 or more. */
  public static byte[] encode(long value) {
    byte[] bytes = new byte[size(value)];
    write(ByteBuffer.wrap(bytes), value);
    return bytes;
  }

  /** Gives bytes one by one. */
  @FunctionalInterface
  public interface ByteReader {
    /** The next one; waits for it. */
    byte next() throws IOException;
  }

  /**
   * A number that comes byte by byte. How many bytes are taken, and whether it has to be in its
   * shortest form, is for the reader to say: protocols differ in that.
   */
  public static final class Partial {
    private long value;
    private int size;
    private byte last;

    /** Nothing yet. */
    public Partial() {}

    /** Takes the next byte. Returns whether it was the last one. */
    public boolean take(byte next) {
      value |= (long) (next & 0x7f) << (7 * size);
      size++;
      last = next;
      return next >= 0;
    }

    /**
     * Takes bytes up to the last one, or until there are so many.
     *
     * @return whether the number is whole
     */
    public boolean takeAll(ByteReader in, int most) throws IOException {
      while (size < most) {
        if (take(in.next())) {
          return true;
        }
      }
      return false;
    }

    /** What the bytes amount to so far; bits beyond the 64th are dropped. */
    public long value() {
      return value;
    }

    /** How many bytes were taken. */
    public int size() {
      return size;
    }

    /** Whether no shorter encoding of the number exists. Of the whole number only. */
    public boolean isMinimal() {
      return size == 1 || last != 0;
    }

    /** Whether the tenth byte held bits for which there is no room. Of ten bytes only. */
    public boolean exceeds64Bits() {
      return last > 1;
    }
  }
}
