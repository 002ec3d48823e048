package io.sluice.dealstore;

import io.sluice.dealstore.disk.DiskWatch;
import java.util.function.Consumer;

/**
 * What a store stands on, so that tests can have it fail.
 *
 * @param watch is asked before each change of a file but the database's
 * @param databaseFiles how H2 reaches its file: the scheme of one of its file systems
 * @param fatal ends the process
 */
record StoreDisk(DiskWatch watch, String databaseFiles, Consumer<Throwable> fatal) {
  static StoreDisk real(Consumer<Throwable> fatal) {
    return new StoreDisk(DiskWatch.NONE, "file:", fatal);
  }
}
