package io.sluice.protocol.unixfs;

import io.sluice.protocol.ipld.UnixFsFields;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;

/**
 * Writes the Data message of a UnixFS node: fields in rising order, as other implementations do, so
 * that CIDs agree. Spec: UnixFS, Data Format.
 */
final class UnixFsBytes {
  private static final int TYPE = 1;
  private static final int DATA = 2;
  private static final int FILE_SIZE = 3;
  private static final int BLOCK_SIZE = 4;
  private static final int HASH_TYPE = 5;
  private static final int FANOUT = 6;
  private static final int MODE = 7;
  private static final int MTIME = 8;
  private static final int SECONDS = 1;
  private static final int NANOSECONDS = 2;

  private UnixFsBytes() {}

  private static ProtobufWriter message(long type) {
    return new ProtobufWriter().number(TYPE, type);
  }

  /** A file in one dag-pb block. */
  static ByteBuffer leaf(ByteBuffer content, FileAttributes attributes) {
    ProtobufWriter message = message(UnixFsFields.FILE);
    if (content.hasRemaining()) {
      message.bytes(DATA, content);
    }
    return end(message.number(FILE_SIZE, content.remaining()), attributes);
  }

  /** A file over several blocks. */
  static ByteBuffer file(List<Long> blockSizes, FileAttributes attributes) {
    ProtobufWriter message = message(UnixFsFields.FILE);
    message.number(FILE_SIZE, blockSizes.stream().mapToLong(Long::longValue).sum());
    blockSizes.forEach(size -> message.number(BLOCK_SIZE, size));
    return end(message, attributes);
  }

  static ByteBuffer directory(FileAttributes attributes) {
    return end(message(UnixFsFields.DIRECTORY), attributes);
  }

  static ByteBuffer symlink(ByteBuffer target, FileAttributes attributes) {
    return end(message(UnixFsFields.SYMLINK).bytes(DATA, target), attributes);
  }

  static ByteBuffer shard(
      ByteBuffer bitfield, long hashType, int fanout, FileAttributes attributes) {
    return end(
        message(UnixFsFields.HAMT_SHARD)
            .bytes(DATA, bitfield)
            .number(HASH_TYPE, hashType)
            .number(FANOUT, fanout),
        attributes);
  }

  private static ByteBuffer end(ProtobufWriter message, FileAttributes attributes) {
    attributes.mode().ifPresent(mode -> message.number(MODE, mode));
    attributes.mtime().ifPresent(mtime -> message.message(MTIME, time(mtime)));
    return ByteBuffer.wrap(message.toBytes());
  }

  private static ProtobufWriter time(Instant instant) {
    ProtobufWriter time = new ProtobufWriter().number(SECONDS, instant.getEpochSecond());
    return instant.getNano() == 0 ? time : time.fixed32(NANOSECONDS, instant.getNano());
  }
}
