package io.sluice.dealstore.disk;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Is asked before each change to a file of the store: a test so sees in which order things become
 * durable, and has the disk fail at each change in turn.
 */
@FunctionalInterface
public interface DiskWatch {
  /** Lets everything pass. */
  DiskWatch NONE = (path, change) -> {};

  /** What is about to be done. */
  enum Change {
    /** A new file. */
    CREATE,
    /** Bytes written. */
    WRITE,
    /** A file made shorter. */
    TRUNCATE,
    /** A sync of a file. */
    FORCE,
    /** A file put in the place of another. */
    RENAME,
    /** A file of which nothing is needed any more. */
    DELETE,
    /** A sync of a folder, which makes the names in it durable. */
    FORCE_FOLDER,
    /** A sync of the database. */
    FORCE_TABLES
  }

  /** Throws to make the change fail. */
  void before(Path path, Change change) throws IOException;

  /** How many of some bytes the disk takes in one write; what is left is written next. */
  default int takes(Path path, int bytes) throws IOException {
    before(path, Change.WRITE);
    return bytes;
  }
}
