package io.sluice.protocol.graphsync.wire;

import java.nio.ByteBuffer;

/** Writes one protobuf message: numbers that are not 0, and everything with a length. */
final class ProtobufWriter {

  private static final int VARINT = 0;
  private static final int LENGTH = 2;

  final Segments out = new Segments();

  void number(int field, int value) {
    if (value != 0) {
      tag(field, VARINT);
      // Negative int32 values are ten bytes long in protobuf: a 64-bit two's complement.
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        out.put((byte) ((rest & 0x7f) | 0x80));
        rest >>>= 7;
      }
      out.put((byte) rest);
    }
  }

  void bytes(int field, ByteBuffer value) {
    tag(field, LENGTH);
    out.putVarint(value.remaining());
    out.putLarge(value);
  }

  void message(int field, ProtobufWriter message) {
    tag(field, LENGTH);
    out.putVarint(message.out.size());
    message.out.all().forEach(out::putLarge);
  }

  private void tag(int field, int wireType) {
    out.put((byte) ((field << 3) | wireType));
  }
}
