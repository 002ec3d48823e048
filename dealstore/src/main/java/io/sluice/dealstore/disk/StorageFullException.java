package io.sluice.dealstore.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something was not written since the disk has too little room left; code {@code STORAGE_FULL}. */
public final class StorageFullException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What the systems say: Java gives a full disk no type of its own. */
  private static final List<String> WORDS =
      List.of("No space left on device", "Disk quota exceeded", "not enough space on the disk");

  /** With less than this nothing useful can be written, whatever the system says. */
  private static final long NO_ROOM = 64 << 10;

  /** Says what has no room, and how much is left. */
  public StorageFullException(String message) {
    super(message);
  }

  private StorageFullException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Whether a failure, or what caused it, is that of a full disk. */
  public static boolean isFull(@Nullable Throwable failure) {
    for (Throwable deep = failure; deep != null; deep = deep.getCause()) {
      String message = String.valueOf(deep.getMessage());
      if (deep instanceof StorageFullException
          || (deep instanceof IOException && WORDS.stream().anyMatch(message::contains))) {
        return true;
      }
    }
    return false;
  }

  /** The failure of a change to a file, of this type if the disk is full. */
  public static IOException typed(Path path, Throwable failure) {
    if (failure instanceof StorageFullException known) {
      return known;
    }
    if (isFull(failure) || !hasRoom(path)) {
      return new StorageFullException(path + " cannot be written, the disk is full", failure);
    }
    return failure instanceof IOException other
        ? other
        : new IOException(path + " cannot be written: " + failure.getMessage(), failure);
  }

  private static boolean hasRoom(Path path) {
    try {
      Path folder = path.toAbsolutePath().getParent();
      return folder == null || Files.getFileStore(folder).getUsableSpace() >= NO_ROOM;
    } catch (IOException e) {
      return true; // not known: then the failure stays what it is
    }
  }
}
