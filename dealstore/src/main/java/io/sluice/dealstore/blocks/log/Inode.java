package io.sluice.dealstore.blocks.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What tells a file from a copy of it, where the system has such a thing. */
final class Inode {
  private Inode() {}

  static Optional<Long> of(Path file) throws IOException {
    try {
      return Files.getAttribute(file, "unix:ino") instanceof Long number
          ? Optional.of(number)
          : Optional.empty();
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
