package io.sluice.protocol.libp2p;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes the few protobuf shapes that libp2p's small messages have: varints, bytes and text by tag,
 * in call order.
 */
final class ProtoWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  ProtoWriter varint(int tag, long value) {
    unsigned((long) tag << 3);
    unsigned(value);
    return this;
  }

  ProtoWriter bytes(int tag, byte[] value) {
    unsigned(((long) tag << 3) | 2);
    unsigned(value.length);
    out.writeBytes(value);
    return this;
  }

  ProtoWriter text(int tag, String value) {
    return bytes(tag, value.getBytes(StandardCharsets.UTF_8));
  }

  byte[] toBytes() {
    return out.toByteArray();
  }

  private void unsigned(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
