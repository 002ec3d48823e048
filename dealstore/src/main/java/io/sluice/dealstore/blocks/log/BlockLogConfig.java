package io.sluice.dealstore.blocks.log;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How a block log is kept.
 *
 * @param random draws epochs
 * @param settle how long what was put may stay unsynced while somebody waits for the log to rise
 * @param segmentEntries a segment is sealed when it has so many entries; bounds the memory that the
 *     newest segment's index takes (about 32 bytes an entry)
 */
public record BlockLogConfig(RandomGenerator random, Duration settle, int segmentEntries) {
  /** Checks the values. */
  public BlockLogConfig {
    if (settle.isNegative() || segmentEntries < 1) {
      throw new IllegalArgumentException(
          "segments of " + segmentEntries + " entries, settled after " + settle);
    }
  }

  /** Segments of 65,536 entries; what was put is synced within a fifth of a second. */
  public static BlockLogConfig standard() {
    return new BlockLogConfig(new SecureRandom(), Duration.ofMillis(200), 1 << 16);
  }
}
