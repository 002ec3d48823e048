package io.sluice.protocol.protobuf;

import io.sluice.protocol.multiformats.Varint;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a protobuf message, its fields in call order. Small pieces are gathered into buffers;
 * large ones, such as blocks, stand between them uncopied and must not change until all is written.
 */
public final class ProtobufWriter {
  private static final int LARGE = 1024;
  private static final int FIRST_BUFFER = 64;
  private static final int MAX_BUFFER = 4096;

  private final List<ByteBuffer> done = new ArrayList<>();
  private ByteBuffer current = ByteBuffer.allocate(FIRST_BUFFER);
  private long size;

  /** An empty message. */
  public ProtobufWriter() {}

  /** Puts a number of 64 bits. */
  public ProtobufWriter number(int field, long value) {
    varint(((long) field << 3) | ProtobufReader.VARINT);
    varint(value);
    return this;
  }

  /** Puts a number of 32 bits in four bytes. */
  public ProtobufWriter fixed32(int field, int value) {
    varint(((long) field << 3) | ProtobufReader.FIXED32);
    room(Integer.BYTES).putInt(Integer.reverseBytes(value));
    return this;
  }

  /** Puts a number, unless it is 0, which proto3 leaves out. */
  public ProtobufWriter numberUnlessZero(int field, long value) {
    return value == 0 ? this : number(field, value);
  }

  /** Puts the remaining bytes of a buffer. */
  public ProtobufWriter bytes(int field, ByteBuffer value) {
    head(field, value.remaining());
    put(value);
    return this;
  }

  /** Puts bytes. */
  public ProtobufWriter bytes(int field, byte[] value) {
    return bytes(field, ByteBuffer.wrap(value));
  }

  /** Puts text. */
  public ProtobufWriter text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  /** Puts a message, which must not be written to any more. */
  public ProtobufWriter message(int field, ProtobufWriter message) {
    head(field, message.size());
    message.parts().forEach(this::put);
    return this;
  }

  /** Bytes so far. */
  public long size() {
    return size + current.position();
  }

  /** Everything in order, ready for reading. */
  public List<ByteBuffer> parts() {
    cut();
    return done;
  }

  /** Everything, copied together. */
  public byte[] toBytes() {
    ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(size()));
    parts().forEach(part -> all.put(part.duplicate()));
    return all.array();
  }

  private void head(int field, long length) {
    varint(((long) field << 3) | ProtobufReader.LENGTH);
    varint(length);
  }

  private void varint(long value) {
    Varint.writeBits(room(Varint.MAX_BITS_SIZE), value);
  }

  private void put(ByteBuffer bytes) {
    if (bytes.remaining() < LARGE) {
      room(bytes.remaining()).put(bytes.duplicate());
      return;
    }
    cut();
    done.add(bytes.duplicate());
    size += bytes.remaining();
  }

  private ByteBuffer room(int bytes) {
    if (current.remaining() < bytes) {
      cut();
      if (current.remaining() < bytes) {
        long next = Math.min(MAX_BUFFER, Math.max(FIRST_BUFFER, 2 * size));
        current = ByteBuffer.allocate((int) Math.max(next, bytes));
      }
    }
    return current;
  }

  /** Ends the current buffer and goes on behind it. */
  private void cut() {
    if (current.position() > 0) {
      ByteBuffer full = current.duplicate().flip();
      done.add(full);
      size += full.remaining();
      current = current.slice();
    }
  }
}
