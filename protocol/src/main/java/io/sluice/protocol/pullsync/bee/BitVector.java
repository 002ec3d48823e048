package io.sluice.protocol.pullsync.bee;

import java.util.BitSet;

/**
 * Which chunks of an offer are wanted: bit i of the offer is bit i mod 8 of byte i div 8, the least
 * significant first. One byte more than needed is written where the count is a multiple of 8, as
 * bee does; what is read may be longer still.
 */
final class BitVector {
  private BitVector() {}

  /** As it travels, for an offer of so many. */
  static byte[] encode(BitSet bits, int count) {
    byte[] bytes = new byte[count / Byte.SIZE + 1];
    byte[] set = bits.get(0, count).toByteArray();
    System.arraycopy(set, 0, bytes, 0, set.length);
    return bytes;
  }

  /**
   * Reads one for an offer of so many.
   *
   * @throws BadPullsync if it has fewer bits than that
   */
  static BitSet decode(byte[] bytes, int count) {
    if ((long) bytes.length * Byte.SIZE < count) {
      throw BadPullsync.because(
          "a bit vector of %d bytes for an offer of %d".formatted(bytes.length, count));
    }
    return BitSet.valueOf(bytes).get(0, count);
  }
}
