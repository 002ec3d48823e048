package io.sluice.protocol.ipld;

import static io.sluice.protocol.ProtocolException.DECODE_MALFORMED;
import static io.sluice.protocol.ProtocolException.DECODE_TRUNCATED;

import io.sluice.protocol.ProtocolException;
import java.nio.ByteBuffer;

/**
 * The few forms of protobuf that dag-pb and UnixFS use. Numbers here may have ten bytes and need
 * not be minimal.
 */
final class Protobuf {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int BYTES = 2;
  static final int FIXED32 = 5;

  private Protobuf() {}

  /** An unsigned number of 64 bits. */
  static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (!in.hasRemaining()) {
        throw new ProtocolException(DECODE_TRUNCATED, "the input ends inside a number");
      }
      byte next = in.get();
      if (shift == 63 && next > 1) {
        break;
      }
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new ProtocolException(DECODE_MALFORMED, "a number of more than 64 bits");
  }

  /** A field number and wire type, as {@code number << 3 | type}. */
  static int tag(ByteBuffer in) {
    long tag = varint(in);
    if (tag < 8 || tag > 0xffff_ffffL) {
      throw new ProtocolException(
          DECODE_MALFORMED, "no field has the tag " + Long.toUnsignedString(tag));
    }
    return (int) tag;
  }

  /** A view of the bytes behind their length. */
  static ByteBuffer bytes(ByteBuffer in) {
    long length = varint(in);
    if (length < 0 || length > in.remaining()) {
      throw new ProtocolException(
          DECODE_TRUNCATED,
          "a field of "
              + Long.toUnsignedString(length)
              + " bytes, "
              + in.remaining()
              + " are left");
    }
    ByteBuffer view = in.slice(in.position(), (int) length);
    in.position(in.position() + (int) length);
    return view;
  }

  /** Passes over a field whose tag was read. */
  static void skip(int tag, ByteBuffer in) {
    switch (tag & 7) {
      case VARINT -> varint(in);
      case FIXED64 -> skipFixed(8, in);
      case BYTES -> bytes(in);
      case FIXED32 -> skipFixed(4, in);
      default -> throw new ProtocolException(DECODE_MALFORMED, "wire type " + (tag & 7));
    }
  }

  private static void skipFixed(int size, ByteBuffer in) {
    if (in.remaining() < size) {
      throw new ProtocolException(
          DECODE_TRUNCATED, "a field of " + size + " bytes, " + in.remaining() + " are left");
    }
    in.position(in.position() + size);
  }

  static int size(long value) {
    return (Long.SIZE - Long.numberOfLeadingZeros(value | 1) + 6) / 7;
  }

  static void write(ByteBuffer out, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }
}
