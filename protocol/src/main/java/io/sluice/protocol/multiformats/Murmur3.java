package io.sluice.protocol.multiformats;

/**
 * The first half of the 128-bit MurmurHash3 for 64-bit machines, seed 0: places names in sharded
 * directories.
 */
public final class Murmur3 {
  private static final long C1 = 0x87c37b91114253d5L;
  private static final long C2 = 0x4cf5ad432745937fL;

  private Murmur3() {}

  /** The hash of {@code data}. */
  public static long hash64(byte[] data) {
    long h1 = 0;
    long h2 = 0;
    int blocks = data.length / 16;
    for (int i = 0; i < blocks; i++) {
      h1 ^= Long.rotateLeft(littleEndian(data, 16 * i, 8) * C1, 31) * C2;
      h1 = (Long.rotateLeft(h1, 27) + h2) * 5 + 0x52dce729;
      h2 ^= Long.rotateLeft(littleEndian(data, 16 * i + 8, 8) * C2, 33) * C1;
      h2 = (Long.rotateLeft(h2, 31) + h1) * 5 + 0x38495ab5;
    }
    int tail = data.length & 15;
    if (tail > 8) {
      h2 ^= Long.rotateLeft(littleEndian(data, 16 * blocks + 8, tail - 8) * C2, 33) * C1;
    }
    if (tail > 0) {
      h1 ^= Long.rotateLeft(littleEndian(data, 16 * blocks, Math.min(tail, 8)) * C1, 31) * C2;
    }
    h1 ^= data.length;
    h2 ^= data.length;
    h1 += h2;
    h2 += h1;
    return mix(h1) + mix(h2);
  }

  private static long mix(long value) {
    long h = value;
    h = (h ^ h >>> 33) * 0xff51afd7ed558ccdL;
    h = (h ^ h >>> 33) * 0xc4ceb9fe1a85ec53L;
    return h ^ h >>> 33;
  }

  private static long littleEndian(byte[] data, int at, int length) {
    long value = 0;
    for (int i = length - 1; i >= 0; i--) {
      value = value << 8 | (data[at + i] & 0xff);
    }
    return value;
  }
}
