package io.sluice.dealstore.disk;

import io.sluice.dealstore.disk.DiskWatch.Change;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Makes names durable: creating and renaming a file changes its folder, not the file. */
public final class Directories {
  private Directories() {}

  /** What a file shall hold. */
  @FunctionalInterface
  public interface FileContent {
    /** Writes it, from the beginning; may be asked again. */
    void to(OutputStream out) throws IOException;
  }

  /** Puts a small file in place, whole or not at all; durable when this returns. */
  public static void replace(Path file, byte[] content) throws IOException {
    replace(file, DiskWatch.NONE, out -> out.write(content));
  }

  /** Puts a file in place, whole or not at all; durable when this returns. */
  public static void replace(Path file, DiskWatch watch, FileContent content) throws IOException {
    whole(file, () -> replaceOnce(file, watch, content));
  }

  /** The name of a file is on the disk when this returns. */
  public static void force(Path file, DiskWatch watch) throws IOException {
    whole(file, () -> forceOnce(file, watch));
  }

  /** Makes a folder and those above it that are not there; their names are durable. */
  public static void create(Path folder, DiskWatch watch) throws IOException {
    Path absolute = folder.toAbsolutePath();
    if (!Files.isDirectory(absolute)) {
      Path above = absolute.getParent();
      if (above != null) {
        create(above, watch);
      }
      Files.createDirectories(absolute);
      force(absolute, watch);
    }
  }

  /** Takes a file away; its name may come back with a power cut. */
  public static void delete(Path file, DiskWatch watch) throws IOException {
    whole(
        file,
        () -> {
          watch.before(file, Change.DELETE);
          Files.delete(file);
        });
  }

  private static void replaceOnce(Path file, DiskWatch watch, FileContent content)
      throws IOException {
    Path written = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(written);
    try (SteadyFile out = SteadyFile.create(written, watch)) {
      try (OutputStream bytes = new BufferedOutputStream(out.output(), 64 << 10)) {
        content.to(bytes);
      }
      out.force();
    }
    watch.before(file, Change.RENAME);
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    forceOnce(file, watch);
  }

  private interface DirectoryWork {
    void run() throws IOException;
  }

  /**
   * Java breaks off work on a channel when its thread is interrupted; this is done again, whole.
   */
  private static void whole(Path file, DirectoryWork work) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          work.run();
          return;
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
        }
      }
    } catch (IOException e) {
      throw StorageFullException.typed(file, e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void forceOnce(Path file, DiskWatch watch) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      watch.before(parent, Change.FORCE_FOLDER);
      try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
        directory.force(true);
      }
    }
  }
}
