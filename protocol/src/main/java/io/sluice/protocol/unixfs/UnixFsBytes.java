package io.sluice.protocol.unixfs;

import io.sluice.protocol.ipld.UnixFsFields;
import io.sluice.protocol.multiformats.Varint;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Writes the Data message of a UnixFS node: fields in rising order, as other implementations do, so
 * that CIDs agree. Spec: UnixFS, Data Format.
 */
final class UnixFsBytes {

  private static final int TYPE = 0x08;
  private static final int DATA = 0x12;
  private static final int FILE_SIZE = 0x18;
  private static final int BLOCK_SIZE = 0x20;
  private static final int HASH_TYPE = 0x28;
  private static final int FANOUT = 0x30;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private UnixFsBytes(long type) {
    number(TYPE, type);
  }

  /** A file in one dag-pb block. */
  static ByteBuffer leaf(ByteBuffer content) {
    UnixFsBytes message = new UnixFsBytes(UnixFsFields.FILE);
    if (content.hasRemaining()) {
      message.bytes(content);
    }
    return message.number(FILE_SIZE, content.remaining()).end();
  }

  /** A file over several blocks. */
  static ByteBuffer file(List<Long> blockSizes) {
    UnixFsBytes message = new UnixFsBytes(UnixFsFields.FILE);
    message.number(FILE_SIZE, blockSizes.stream().mapToLong(Long::longValue).sum());
    blockSizes.forEach(size -> message.number(BLOCK_SIZE, size));
    return message.end();
  }

  static ByteBuffer directory() {
    return new UnixFsBytes(UnixFsFields.DIRECTORY).end();
  }

  static ByteBuffer symlink(ByteBuffer target) {
    return new UnixFsBytes(UnixFsFields.SYMLINK).bytes(target).end();
  }

  static ByteBuffer shard(ByteBuffer bitfield, long hashType, int fanout) {
    return new UnixFsBytes(UnixFsFields.HAMT_SHARD)
        .bytes(bitfield)
        .number(HASH_TYPE, hashType)
        .number(FANOUT, fanout)
        .end();
  }

  private UnixFsBytes number(int tag, long value) {
    out.write(tag);
    out.writeBytes(Varint.encode(value));
    return this;
  }

  private UnixFsBytes bytes(ByteBuffer value) {
    byte[] copy = new byte[value.remaining()];
    value.duplicate().get(copy);
    out.write(DATA);
    out.writeBytes(Varint.encode(copy.length));
    out.writeBytes(copy);
    return this;
  }

  private ByteBuffer end() {
    return ByteBuffer.wrap(out.toByteArray());
  }
}
