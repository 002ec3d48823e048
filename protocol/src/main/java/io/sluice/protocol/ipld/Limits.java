package io.sluice.protocol.ipld;

/**
 * How much a decoder may be made to do.
 *
 * @param maxDepth maps and lists inside one another, at most; beyond is {@code DECODE_DEPTH}
 * @param maxAllocation an estimate in bytes of the memory that the decoded nodes take, at most;
 *     beyond is {@code DECODE_BUDGET}. Bytes count nothing, being views of the input
 */
public record Limits(int maxDepth, long maxAllocation) {
  /** For what peers say. */
  public static final Limits MESSAGE = new Limits(64, 16 << 20);

  /** For the blocks of a DAG. */
  public static final Limits BLOCK = new Limits(512, 64 << 20);

  /** Checks the values. */
  public Limits {
    if (maxDepth < 1 || maxAllocation < 1) {
      throw new IllegalArgumentException("limits are positive: " + maxDepth + ", " + maxAllocation);
    }
  }
}
