package io.sluice.dealstore.journal;

/**
 * How a journal is laid out.
 *
 * @param segmentBytes a new segment is begun past this size
 * @param groupBytes at most so many bytes are made durable by one sync
 */
public record JournalSettings(long segmentBytes, int groupBytes) {
  /** What a node uses. */
  public static final JournalSettings DEFAULT = new JournalSettings(64L << 20, 4 << 20);

  /** Checks the sizes. */
  public JournalSettings {
    if (segmentBytes < 1 || groupBytes < 1) {
      throw new IllegalArgumentException("sizes are positive: " + segmentBytes + ", " + groupBytes);
    }
  }
}
