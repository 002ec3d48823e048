package io.sluice.protocol.graphsync.wire;

import io.sluice.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * The name of a request, chosen by its requestor and meaningful only together with that peer: 16
 * bytes, in Go a random UUID.
 *
 * <p>Requests of protocol 1.0.0 have 32-bit numbers. Those of a peer are kept in a form of their
 * own, see {@link #ofNumber}; ours are numbered when they are written (see {@code RequestNumbers}).
 *
 * @param high the first eight bytes, big-endian
 * @param low the last eight bytes, big-endian
 */
public record RequestId(long high, long low) {
  /** Bytes on the wire of protocol 2.0.0. */
  public static final int LENGTH = 16;

  // A UUID of version 0, which no generator makes.
  private static final long NUMBER_MARK = 0x736c_7569_6365_0131L;

  /** A new id, a UUID of version 4 from the given source. */
  public static RequestId random(RandomGenerator random) {
    long high = (random.nextLong() & 0xffff_ffff_ffff_0fffL) | 0x4000L;
    long low = (random.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
    return new RequestId(high, low);
  }

  /**
   * Reads the wire form.
   *
   * @throws ProtocolException if it is not 16 bytes long
   */
  public static RequestId of(ByteBuffer bytes) {
    if (bytes.remaining() != LENGTH) {
      throw Malformed.message("request id of " + bytes.remaining() + " bytes, not " + LENGTH);
    }
    ByteBuffer view = bytes.duplicate();
    return new RequestId(view.getLong(), view.getLong());
  }

  /** The id that stands for a request which a peer numbered, as protocol 1.0.0 does. */
  public static RequestId ofNumber(int number) {
    return new RequestId(NUMBER_MARK, Integer.toUnsignedLong(number));
  }

  /** Whether this stands for a number of protocol 1.0.0. */
  public boolean isNumber() {
    return high == NUMBER_MARK && low >>> 32 == 0;
  }

  int number() {
    return (int) low;
  }

  /** The wire form of protocol 2.0.0. */
  public byte[] bytes() {
    return ByteBuffer.allocate(LENGTH).putLong(high).putLong(low).array();
  }

  @Override
  public String toString() {
    return isNumber() ? "#" + Integer.toUnsignedString(number()) : new UUID(high, low).toString();
  }
}
