package io.sluice.benchmarks;

import java.nio.ByteBuffer;
import java.util.Random;

/** Bytes that are the same in every run. */
final class RandomBytes {
  private final Random random = new Random(7);

  /** The next so many, in an array of their own. */
  byte[] next(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  /** The same as a buffer. */
  ByteBuffer nextBuffer(int count) {
    return ByteBuffer.wrap(next(count));
  }
}
