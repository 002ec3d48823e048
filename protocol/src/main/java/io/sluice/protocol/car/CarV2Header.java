package io.sluice.protocol.car;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What stands behind the pragma of a CARv2 file: where its payload (a complete CARv1) and its index
 * are. Offsets are counted from the start of the file. Spec: CARv2, Header.
 *
 * @param fullyIndexed whether the index covers blocks with identity CIDs too
 * @param dataOffset where the payload begins; at least {@link #END}
 * @param dataSize length of the payload; zero in a file that is still being written
 * @param indexOffset where the index begins; zero if there is none
 */
public record CarV2Header(boolean fullyIndexed, long dataOffset, long dataSize, long indexOffset) {
  /** The first bytes of every CARv2 file: a CARv1-style header {@code {"version": 2}}. */
  private static final byte[] PRAGMA = {
    0x0a, (byte) 0xa1, 0x67, 'v', 'e', 'r', 's', 'i', 'o', 'n', 0x02
  };

  /** Length of the pragma in bytes; the header stands right behind it. */
  public static final int PRAGMA_BYTES = PRAGMA.length;

  /** Length of the header in bytes, without the pragma. */
  public static final int BYTES = 40;

  /** The first offset at which a payload may begin. */
  public static final int END = PRAGMA_BYTES + BYTES;

  private static final long FULLY_INDEXED = 0x80;

  /** Pragma and header, ready to be written at the start of a file. */
  public ByteBuffer encodeWithPragma() {
    ByteBuffer out = ByteBuffer.allocate(END).order(ByteOrder.LITTLE_ENDIAN);
    out.put(PRAGMA).putLong(fullyIndexed ? FULLY_INDEXED : 0).putLong(0);
    return out.putLong(dataOffset).putLong(dataSize).putLong(indexOffset).flip();
  }

  /**
   * Reads a header behind its pragma.
   *
   * @param in at least {@link #BYTES} bytes; its position moves behind the header
   * @throws io.sluice.protocol.ProtocolException {@code BAD_CAR} if the offsets contradict each
   *     other
   */
  public static CarV2Header decode(ByteBuffer in) {
    if (in.remaining() < BYTES) {
      throw BadCar.because("CARv2 header cut off after " + in.remaining() + " bytes");
    }
    ByteBuffer bytes = in.slice(in.position(), BYTES).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + BYTES);
    boolean fullyIndexed = (bytes.getLong() & FULLY_INDEXED) != 0;
    bytes.getLong();
    CarV2Header header =
        new CarV2Header(fullyIndexed, bytes.getLong(), bytes.getLong(), bytes.getLong());
    header.check();
    return header;
  }

  /** Whether a file begins as CARv2 does; then the buffer's position moves behind the pragma. */
  static boolean hasPragma(ByteBuffer in) {
    if (in.remaining() < PRAGMA_BYTES
        || !in.slice(in.position(), PRAGMA_BYTES).equals(ByteBuffer.wrap(PRAGMA))) {
      return false;
    }
    in.position(in.position() + PRAGMA_BYTES);
    return true;
  }

  /** Where the payload ends. */
  public long dataEnd() {
    return dataOffset + dataSize;
  }

  private void check() {
    if (dataOffset < END || dataSize < 0 || dataEnd() < 0) {
      throw BadCar.because("CARv2 payload at " + dataOffset + " of " + dataSize + " bytes");
    }
    if (indexOffset != 0 && indexOffset < dataEnd()) {
      throw BadCar.because("CARv2 index at " + indexOffset + " inside the payload");
    }
  }
}
