package io.sluice.dealstore.blocks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Makes names durable: creating and renaming a file changes its directory, not the file. */
final class Directories {
  private Directories() {}

  /** Puts a small file in place, whole or not at all; durable when this returns. */
  static void replace(Path file, byte[] content) throws IOException {
    whole(() -> replaceOnce(file, content));
  }

  /** The directory entry of a file is on the disk when this returns. */
  static void force(Path file) throws IOException {
    whole(() -> forceOnce(file));
  }

  private static void replaceOnce(Path file, byte[] content) throws IOException {
    Path written = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel out =
        FileChannel.open(
            written,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    force(file);
  }

  private interface DirectoryWork {
    void run() throws IOException;
  }

  /**
   * Java breaks off work on a channel when its thread is interrupted; this is done again, whole.
   */
  private static void whole(DirectoryWork work) throws IOException {
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
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void forceOnce(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
        directory.force(true);
      }
    }
  }
}
