package io.sluice.dealstore.blocks.index;

/**
 * Says which digests are certainly not in a file (a Bloom filter, ten bits an entry, about one
 * wrong guess in a hundred), so that a look-up need not ask every file. Filled by one thread, then
 * read by any.
 */
public final class DigestFilter {
  private static final int BITS_PER_ENTRY = 10;
  private static final int PROBES = 5;

  private final long[] bits;

  /** An empty one with room for so many. */
  public DigestFilter(long entries) {
    this(new long[(int) Math.max(1, (entries * BITS_PER_ENTRY + 63) / 64)]);
  }

  private DigestFilter(long[] bits) {
    this.bits = bits;
  }

  /** The filter that these are the {@link #words} of. */
  public static DigestFilter of(long[] words) {
    return new DigestFilter(words.clone());
  }

  /** All that it knows, to be kept. */
  public long[] words() {
    return bits.clone();
  }

  /** From here on this digest may be there. */
  public void add(byte[] digest) {
    long hash = mix(digest);
    long step = hash >>> 32 | 1;
    for (int i = 0; i < PROBES; i++) {
      long bit = bit(hash + i * step);
      bits[(int) (bit >>> 6)] |= 1L << bit;
    }
  }

  /** Whether a digest may have been added; false is certain. */
  public boolean mayHold(byte[] digest) {
    long hash = mix(digest);
    long step = hash >>> 32 | 1;
    for (int i = 0; i < PROBES; i++) {
      long bit = bit(hash + i * step);
      if ((bits[(int) (bit >>> 6)] & 1L << bit) == 0) {
        return false;
      }
    }
    return true;
  }

  private long bit(long hash) {
    return Math.floorMod(hash, bits.length * 64L);
  }

  /** The whole digest goes in: identical beginnings are cheap to make. */
  private static long mix(byte[] digest) {
    long hash = digest.length;
    for (byte b : digest) {
      hash = (hash ^ (b & 0xff)) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 29;
    }
    return hash;
  }
}
