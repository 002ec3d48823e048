package io.sluice.dealstore.blocks;

import java.io.IOException;
import java.nio.file.Path;

/** Is asked before each change to a file of blocks; for tests of disks that fail. */
@FunctionalInterface
interface WriteHook {
  /** Lets everything pass. */
  WriteHook NONE = (path, operation) -> {};

  /** What is about to be done. */
  enum Operation {
    /** A new file. */
    CREATE,
    /** Bytes written. */
    WRITE,
    /** A file made shorter. */
    TRUNCATE,
    /** A sync. */
    FORCE,
    /** A file of which nothing is needed any more. */
    DELETE
  }

  /** Throws to make the operation fail. */
  void before(Path path, Operation operation) throws IOException;
}
