package io.sluice.protocol.graphsync.wire;

import java.nio.ByteBuffer;
import java.util.Optional;

/** Reads one protobuf message, field by field; byte fields are views of the input. */
final class ProtobufReader {

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;

  private final ByteBuffer in;
  private int field;
  private int wireType;

  ProtobufReader(ByteBuffer in) {
    this.in = in.slice();
  }

  /** Goes to the next field; false at the end. */
  boolean next() {
    if (!in.hasRemaining()) {
      return false;
    }
    long tag = varint();
    long number = tag >>> 3;
    if (number == 0 || number > 1 << 29) {
      throw Malformed.message("protobuf field " + number);
    }
    field = (int) number;
    wireType = (int) (tag & 7);
    return true;
  }

  int field() {
    return field;
  }

  long number() {
    expect(VARINT);
    return varint();
  }

  ByteBuffer bytes() {
    expect(LENGTH);
    long length = varint();
    if (length < 0 || length > in.remaining()) {
      throw Malformed.truncated(
          "protobuf field of " + length + " bytes, " + in.remaining() + " left");
    }
    ByteBuffer bytes = in.slice(in.position(), (int) length);
    in.position(in.position() + (int) length);
    return bytes;
  }

  /** The bytes, or nothing where there are none: proto3 does not tell the two apart. */
  Optional<ByteBuffer> bytesIfAny() {
    return Optional.of(bytes()).filter(ByteBuffer::hasRemaining);
  }

  ProtobufReader message() {
    return new ProtobufReader(bytes());
  }

  void skip() {
    switch (wireType) {
      case VARINT -> varint();
      case FIXED64 -> advance(Long.BYTES);
      case LENGTH -> bytes();
      case FIXED32 -> advance(Integer.BYTES);
      default -> throw Malformed.message("protobuf wire type " + wireType);
    }
  }

  private void expect(int type) {
    if (wireType != type) {
      throw Malformed.message(
          "protobuf field " + field + " has wire type " + wireType + ", not " + type);
    }
  }

  private void advance(int bytes) {
    if (bytes > in.remaining()) {
      throw Malformed.truncated(
          "protobuf field of " + bytes + " bytes, " + in.remaining() + " left");
    }
    in.position(in.position() + bytes);
  }

  // Ten bytes and not minimal are allowed here, unlike in multiformats.
  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (!in.hasRemaining()) {
        throw Malformed.truncated("protobuf number cut off");
      }
      byte next = in.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw Malformed.message("protobuf number of more than ten bytes");
  }
}
