package io.sluice.protocol.pullsync.bee;

import io.sluice.protocol.retrieval.Bytes32;

/** In which bin of a node a chunk lies: how many leading bits their addresses share. */
public final class Proximity {
  /** How many bins there are. */
  public static final int BINS = 32;

  private Proximity() {}

  /** The bin, from 0 to 31. */
  public static int order(Bytes32 one, Bytes32 other) {
    byte[] a = one.bytes();
    byte[] b = other.bytes();
    int shared = 0;
    while (shared < BINS - 1
        && ((a[shared / Byte.SIZE] ^ b[shared / Byte.SIZE]) & (0x80 >> shared % Byte.SIZE)) == 0) {
      shared++;
    }
    return shared;
  }
}
