package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import java.nio.charset.StandardCharsets;

/**
 * Reads protobuf field by field: {@link #next}, then exactly one of the readers or {@link #skip}.
 * Unknown fields are for the caller to skip. Lengths are checked against the message before
 * anything is allocated.
 */
final class ProtoReader {
  private final byte[] in;
  private int at;
  private int wireType;

  ProtoReader(byte[] in) {
    this.in = in;
  }

  /** The tag of the next field; 0 at the end of the message. */
  int next() {
    if (at == in.length) {
      return 0;
    }
    long key = unsigned();
    wireType = (int) (key & 7);
    long tag = key >>> 3;
    if (tag == 0 || tag > 0x1fffffff) {
      throw malformed("field number " + tag);
    }
    return (int) tag;
  }

  long varint() {
    expect(0);
    return unsigned();
  }

  byte[] bytes() {
    expect(2);
    int length = length();
    byte[] value = new byte[length];
    System.arraycopy(in, at, value, 0, length);
    at += length;
    return value;
  }

  String text() {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  void skip() {
    switch (wireType) {
      case 0 -> unsigned();
      case 1 -> advance(8);
      case 2 -> advance(length());
      case 5 -> advance(4);
      default -> throw malformed("wire type " + wireType);
    }
  }

  private int length() {
    long length = unsigned();
    if (length < 0 || length > in.length - at) {
      throw new ProtocolException(
          "DECODE_TRUNCATED", "field of " + length + " bytes in " + (in.length - at));
    }
    return (int) length;
  }

  private void advance(int count) {
    if (count > in.length - at) {
      throw new ProtocolException(
          "DECODE_TRUNCATED", "field of " + count + " bytes in " + (in.length - at));
    }
    at += count;
  }

  private void expect(int type) {
    if (wireType != type) {
      throw malformed("wire type " + wireType + " where " + type + " belongs");
    }
  }

  private long unsigned() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at == in.length) {
        throw new ProtocolException("DECODE_TRUNCATED", "message ends inside a number");
      }
      byte next = in[at++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw malformed("number longer than 64 bits");
  }

  private static ProtocolException malformed(String what) {
    return new ProtocolException("DECODE_MALFORMED", "protobuf: " + what);
  }
}
