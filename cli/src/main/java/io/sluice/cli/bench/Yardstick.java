package io.sluice.cli.bench;

/** Something that content could be moved with, or has to go through, that does nothing else. */
interface Yardstick {
  /** Its name. */
  String name();

  /**
   * Does it with so many bytes, and says how many nanoseconds passed from the first to the last.
   */
  long nanos(long bytes) throws Exception;
}
