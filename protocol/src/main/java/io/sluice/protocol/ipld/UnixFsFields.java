package io.sluice.protocol.ipld;

import static io.sluice.protocol.ProtocolException.DECODE_MALFORMED;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.protobuf.ProtobufReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The UnixFS data in a dag-pb block: decoded, and not judged.
 *
 * <p>Spec: UnixFS, Data Format; what is no such message at all, as go-unixfsnode decides it:
 * whether a walk sees a file or named links depends on it.
 *
 * @param mode permissions and kind of file, 32 bits
 * @param mtime when the content last changed
 */
public record UnixFsFields(
    long type,
    Optional<ByteBuffer> data,
    OptionalLong fileSize,
    List<Long> blockSizes,
    OptionalLong hashType,
    OptionalLong fanout,
    OptionalLong mode,
    Optional<UnixTime> mtime) {
  /**
   * A moment as it stands there, which may be none at all.
   *
   * @param seconds since 1970, in any 64 bits
   * @param nanoseconds in any 32 bits; absent for a whole second
   */
  public record UnixTime(long seconds, OptionalLong nanoseconds) {
    private static final int SECONDS = 1;
    private static final int NANOSECONDS = 2;

    private static UnixTime decode(ProtobufReader fields) {
      long[] numbers = new long[NANOSECONDS + 1];
      boolean[] seen = new boolean[NANOSECONDS + 1];
      while (fields.next()) {
        int field = fields.field();
        switch (field) {
          case SECONDS -> {
            once(seen, field);
            numbers[field] = fields.number();
          }
          case NANOSECONDS -> {
            once(seen, field);
            numbers[field] = fields.fixed32();
          }
          default -> fields.skip();
        }
      }
      if (!seen[SECONDS]) {
        throw new ProtocolException(DECODE_MALFORMED, "UnixFS data with a time without seconds");
      }
      return new UnixTime(numbers[SECONDS], optional(seen[NANOSECONDS], numbers[NANOSECONDS]));
    }
  }

  /** Bytes; an old form of a leaf. */
  public static final long RAW = 0;

  /** A directory in one block. */
  public static final long DIRECTORY = 1;

  /** A file or a part of one. */
  public static final long FILE = 2;

  /** Nothing that is used. */
  public static final long METADATA = 3;

  /** A symbolic link. */
  public static final long SYMLINK = 4;

  /** A part of a sharded directory. */
  public static final long HAMT_SHARD = 5;

  private static final int TYPE = 1;
  private static final int DATA = 2;
  private static final int FILE_SIZE = 3;
  private static final int BLOCK_SIZES = 4;
  private static final int HASH_TYPE = 5;
  private static final int FANOUT = 6;
  private static final int MODE = 7;
  private static final int MTIME = 8;

  /**
   * Reads the message; throws if it is not one, a field of which there can be one stands there
   * twice, or the type is missing.
   */
  public static UnixFsFields decode(ByteBuffer in) {
    long[] numbers = new long[MTIME + 1];
    boolean[] seen = new boolean[MTIME + 1];
    Optional<ByteBuffer> data = Optional.empty();
    Optional<UnixTime> mtime = Optional.empty();
    List<Long> blockSizes = new ArrayList<>();
    ProtobufReader fields = new ProtobufReader(in, ProtobufReader.Dialect.IPLD);
    while (fields.next()) {
      int field = fields.field();
      switch (field) {
        case TYPE, FILE_SIZE, HASH_TYPE, FANOUT, MODE -> {
          once(seen, field);
          numbers[field] = fields.number();
        }
        case DATA -> {
          once(seen, field);
          data = Optional.of(fields.bytes());
        }
        case BLOCK_SIZES -> blockSizes.addAll(fields.numbers());
        case MTIME -> {
          once(seen, field);
          mtime = Optional.of(UnixTime.decode(fields.message()));
        }
        default -> fields.skip();
      }
    }
    if (!seen[TYPE] || numbers[MODE] >>> 32 != 0) {
      throw new ProtocolException(
          DECODE_MALFORMED, "UnixFS data without a type, or with a mode of over 32 bits");
    }
    return new UnixFsFields(
        numbers[TYPE],
        data,
        optional(seen[FILE_SIZE], numbers[FILE_SIZE]),
        List.copyOf(blockSizes),
        optional(seen[HASH_TYPE], numbers[HASH_TYPE]),
        optional(seen[FANOUT], numbers[FANOUT]),
        optional(seen[MODE], numbers[MODE]),
        mtime);
  }

  private static OptionalLong optional(boolean present, long value) {
    return present ? OptionalLong.of(value) : OptionalLong.empty();
  }

  private static void once(boolean[] seen, int field) {
    if (seen[field]) {
      throw new ProtocolException(DECODE_MALFORMED, "UnixFS data with field " + field + " twice");
    }
    seen[field] = true;
  }
}
