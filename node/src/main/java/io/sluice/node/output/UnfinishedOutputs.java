package io.sluice.node.output;

import io.sluice.dealstore.disk.Directories;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.protocol.OutputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is being written outside of the home and is not whole yet, one small file for each: so that
 * the next process can remove what a killed one left behind. Not synced: after a loss of power
 * something may stay.
 */
public final class UnfinishedOutputs {
  private static final Logger LOG = LoggerFactory.getLogger(UnfinishedOutputs.class);

  private final Path folder;
  private boolean cleared;

  /** Records in a folder of their own, which is made when it is needed. */
  public UnfinishedOutputs(Path folder) {
    this.folder = folder;
  }

  /** Something is about to be made; returns its record. The first call removes what was left. */
  synchronized Path begun(Path part) throws IOException {
    Directories.create(folder, DiskWatch.NONE);
    if (!cleared) {
      clear();
      cleared = true;
    }
    return Files.writeString(folder.resolve(UUID.randomUUID().toString()), part.toString());
  }

  /** It got its name, or is gone. */
  void over(Path record) throws IOException {
    Files.deleteIfExists(record);
  }

  private void clear() throws IOException {
    List<Path> records;
    try (Stream<Path> all = Files.list(folder)) {
      records = all.toList();
    }
    for (Path record : records) {
      Path part = Path.of(Files.readString(record));
      // Whatever stands in a record, nothing else is ever removed.
      if (OutputFile.isUnfinished(part) && Files.exists(part, LinkOption.NOFOLLOW_LINKS)) {
        LOG.info("{} was left behind unfinished and is removed", part);
        OutputFile.removeTree(part);
      }
      Files.delete(record);
    }
  }
}
