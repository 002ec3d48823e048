package io.sluice.protocol.unixfs;

/**
 * A stretch of a file.
 *
 * @param from first byte, counted from 0
 * @param to first byte behind it; {@link Long#MAX_VALUE} for the rest of the file
 */
public record ByteRange(long from, long to) {
  /** The whole file. */
  public static final ByteRange ALL = new ByteRange(0, Long.MAX_VALUE);

  /** Checks the values. */
  public ByteRange {
    if (from < 0 || to < from) {
      throw new IllegalArgumentException("bytes from " + from + " to " + to);
    }
  }

  boolean touches(long start, long end) {
    return start < to && end > from;
  }
}
