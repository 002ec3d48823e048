package io.sluice.protocol.unixfs;

import io.sluice.protocol.multiformats.Murmur3;
import java.util.Locale;

/**
 * Where a name belongs in a sharded directory: the bits of its hash, most significant first, a few
 * a level. Spec: UnixFS, HAMT; bit order as Go peers have it.
 *
 * @param bitsPerLevel 8 for shards of 256
 * @param digits of the hexadecimal bucket number before each link's name
 */
record Hamt(int bitsPerLevel, int digits) {
  /** The only hash function there is for it. */
  static final long MURMUR3 = 0x22;

  /** What is written; other widths are read too. */
  static final int FANOUT = 256;

  private static final int HASH_BITS = 64;
  private static final int MOST_FANOUT = 1024;
  private static final int LEAST_FANOUT = 8;

  /** Shards of a width; fails if it is not a possible one. */
  static Hamt of(long fanout) {
    if (fanout < LEAST_FANOUT || fanout > MOST_FANOUT || Long.bitCount(fanout) != 1) {
      throw BadUnixFs.because("shard of " + fanout);
    }
    return new Hamt(Long.numberOfTrailingZeros(fanout), Long.toHexString(fanout - 1).length());
  }

  static long hash(byte[] name) {
    return Murmur3.hash64(name);
  }

  int levels() {
    return HASH_BITS / bitsPerLevel;
  }

  int fanout() {
    return 1 << bitsPerLevel;
  }

  /** The bucket of a hash at a level, counted from 0. */
  int bucket(long hash, int level) {
    int shift = HASH_BITS - (level + 1) * bitsPerLevel;
    return (int) (hash >>> shift) & (fanout() - 1);
  }

  /** What stands before the name of a link. */
  String prefix(int bucket) {
    String hex = Integer.toHexString(bucket).toUpperCase(Locale.ROOT);
    return "0".repeat(digits - hex.length()) + hex;
  }
}
