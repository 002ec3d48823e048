package io.sluice.protocol;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;

/**
 * A file that a user named for output. What stands there decides how it is written:
 *
 * <ul>
 *   <li>nothing: the file appears when it is whole, and never over one that came meanwhile;
 *   <li>a file, or a symbolic link to one: refused unless it is to be replaced; then the file gives
 *       way to the new one when that is whole, and the link stays;
 *   <li>a device, a pipe or a socket: written into, and left what it is;
 *   <li>a folder, or a link to one or to nothing: refused.
 * </ul>
 *
 * <p>What is not whole yet has a name of its own beside it, taken only if nobody has it.
 */
public final class OutputFile {
  private static final String PART_BEGIN = ".sluice-";
  private static final String PART_END = ".part";

  private OutputFile() {}

  /** Writes content to a file and leaves it open; says how many bytes. */
  @FunctionalInterface
  public interface ContentWriter {
    /** Writes all of it. A device, a pipe or a socket has no positions. */
    long write(FileChannel out) throws IOException;

    /** All is in the file, which is closed and has no name of its own yet; not for devices. */
    default void written(Path file) throws IOException {}
  }

  /** Follows an output while it has no name of its own yet. */
  public interface PartWatch {
    /** Nobody looks. */
    PartWatch NONE =
        new PartWatch() {
          @Override
          public void begun(Path part) {}

          @Override
          public void whole() {}
        };

    /** Something is about to be made under this name, and is removed unless it becomes whole. */
    void begun(Path part) throws IOException;

    /** All is written; it gets its own name when this returns, and is removed where this throws. */
    void whole() throws IOException;
  }

  /** As {@link #write(Path, boolean, PartWatch, ContentWriter)}, and nobody looks. */
  public static long write(Path out, boolean replace, ContentWriter content) throws IOException {
    return write(out, replace, PartWatch.NONE, content);
  }

  /**
   * Writes a file; where that fails, what stood there before still stands.
   *
   * @param replace whether a file that is there is replaced
   * @param watch hears of the file while it is not whole; of devices and the like it hears nothing
   * @return what the writer said
   * @throws FileAlreadyExistsException if something is in the way
   */
  public static long write(Path out, boolean replace, PartWatch watch, ContentWriter content)
      throws IOException {
    check(out, replace);
    if (isStream(out)) {
      try (FileChannel stream = FileChannel.open(out, StandardOpenOption.WRITE)) {
        return content.write(stream);
      }
    }
    Path place = Files.isSymbolicLink(out) ? out.toRealPath() : out;
    Path part = unused(place);
    watch.begun(part);
    try {
      long written;
      try (FileChannel file =
          FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        written = content.write(file);
      }
      content.written(part);
      watch.whole();
      if (replace) {
        Files.move(
            part, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } else {
        moveToNew(part, place);
      }
      return written;
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /**
   * Whether {@link #write} would be refused, so that it can be said before there is anything to
   * write.
   *
   * @throws FileAlreadyExistsException if something is in the way
   */
  public static void check(Path out, boolean replace) throws FileAlreadyExistsException {
    if (!Files.exists(out, LinkOption.NOFOLLOW_LINKS) || isStream(out)) {
      return;
    }
    String name = out.toString();
    if (Files.isDirectory(out)) {
      throw new FileAlreadyExistsException(
          name, null, replace ? "is a folder; folders are never replaced" : null);
    }
    if (!Files.exists(out)) {
      throw new FileAlreadyExistsException(name, null, "is a symbolic link that leads nowhere");
    }
    if (!replace) {
      throw new FileAlreadyExistsException(name);
    }
  }

  /** A device, a pipe or a socket, or a link to one. */
  public static boolean isStream(Path out) {
    return Files.exists(out) && !Files.isRegularFile(out) && !Files.isDirectory(out);
  }

  /**
   * A name in the same folder that nobody has: hidden, and short whatever the name beside it, which
   * may be as long as names can be.
   */
  public static Path unused(Path out) {
    return out.toAbsolutePath().resolveSibling(PART_BEGIN + UUID.randomUUID() + PART_END);
  }

  /** Whether a name is one that {@link #unused} gives. */
  public static boolean isUnfinished(Path path) {
    Path name = path.getFileName();
    return name != null
        && name.toString().startsWith(PART_BEGIN)
        && name.toString().endsWith(PART_END);
  }

  /**
   * Removes a file or a folder with all that is in it, folders that are closed to writing too;
   * symbolic links are not followed.
   */
  public static void removeTree(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      PosixFileAttributeView posix =
          Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
      if (posix != null) {
        posix.setPermissions(PosixFilePermissions.fromString("rwx------"));
      }
      try (DirectoryStream<Path> all = Files.newDirectoryStream(path)) {
        for (Path entry : all) {
          removeTree(entry);
        }
      } catch (DirectoryIteratorException e) {
        throw e.getCause();
      }
    }
    Files.delete(path);
  }

  /** A second name is given only where there is none yet; moving would not ask. */
  private static void moveToNew(Path written, Path out) throws IOException {
    try {
      Files.createLink(out, written);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException | UnsupportedOperationException e) {
      // a file system without second names
      Files.move(written, out);
    }
  }
}
