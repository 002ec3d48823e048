package io.sluice.node.pullsync;

/**
 * Hears what is worth counting of what neighbours get here. Called from many threads; must not
 * block.
 */
public interface PullsyncMetrics {
  /** Counts nothing. */
  PullsyncMetrics NONE = new PullsyncMetrics() {};

  /** A page was offered. */
  default void offered(int items) {}

  /** So many blocks of a page were wanted. */
  default void wanted(int blocks) {}

  /** A block of so many bytes went out. */
  default void delivered(int bytes) {}

  /** A request, or a block that was offered, was refused for that reason. */
  default void refused(String reason) {}
}
