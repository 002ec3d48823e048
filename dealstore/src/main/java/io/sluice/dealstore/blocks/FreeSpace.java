package io.sluice.dealstore.blocks;

import io.sluice.dealstore.disk.StorageFullException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** Stops writing before the disk is full. Asks the file system once in a while, not every time. */
final class FreeSpace {
  private static final long ASK_EVERY = 16L << 20;

  /** On a small disk the reserve is this part of it. */
  private static final int SMALL_DISK = 20;

  private final Path directory;
  private final long reserve;
  private long allowed;

  FreeSpace(Path directory, long reserve) {
    this.directory = directory;
    this.reserve = reserve;
  }

  /** Room for so many bytes more. */
  void take(long bytes) throws IOException {
    if (allowed < bytes) {
      ask(bytes);
    }
    allowed -= bytes;
  }

  /** What may be written at this moment; less than nothing if some of the reserve is used. */
  long left() throws IOException {
    FileStore disk = Files.getFileStore(directory);
    return disk.getUsableSpace() - kept(disk);
  }

  private long kept(FileStore disk) throws IOException {
    return Math.min(reserve, disk.getTotalSpace() / SMALL_DISK);
  }

  private void ask(long bytes) throws IOException {
    FileStore disk = Files.getFileStore(directory);
    long kept = kept(disk);
    long free = disk.getUsableSpace() - kept;
    if (free < bytes) {
      throw new StorageFullException(
          "STORAGE_FULL: " + disk.getUsableSpace() + " bytes free, " + kept + " stay reserved");
    }
    allowed = Math.min(free, Math.max(bytes, ASK_EVERY));
  }
}
