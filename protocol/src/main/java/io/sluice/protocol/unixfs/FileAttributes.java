package io.sluice.protocol.unixfs;

import io.sluice.protocol.ipld.UnixFsFields;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What UnixFS 1.5 keeps of a file, a folder or a symbolic link beside its content.
 *
 * @param mode the lower 12 bits of a Unix mode: permissions, and the bits for set-user-ID,
 *     set-group-ID and sticky; those three are never given to anything on a disk
 * @param mtime when the content last changed, to the nanosecond
 */
public record FileAttributes(OptionalInt mode, Optional<Instant> mtime) {
  /** Nothing is kept. */
  public static final FileAttributes NONE =
      new FileAttributes(OptionalInt.empty(), Optional.empty());

  private static final int MODE_BITS = 0xfff;
  private static final long MOST_NANOSECONDS = 999_999_999;

  /** In the order of their bits, the highest first. */
  private static final PosixFilePermission[] PERMISSIONS = PosixFilePermission.values();

  /** Checks the value. */
  public FileAttributes {
    if (mode.orElse(0) < 0 || mode.orElse(0) > MODE_BITS) {
      throw new IllegalArgumentException("mode " + mode);
    }
  }

  /**
   * As a block has them. No permissions at all, and times that are none, count as not kept: for
   * that nobody is refused content.
   */
  static FileAttributes of(UnixFsFields fields) {
    int mode = (int) fields.mode().orElse(0) & MODE_BITS;
    return new FileAttributes(
        mode == 0 ? OptionalInt.empty() : OptionalInt.of(mode),
        fields.mtime().flatMap(FileAttributes::instant));
  }

  private static Optional<Instant> instant(UnixFsFields.UnixTime time) {
    OptionalLong nanoseconds = time.nanoseconds();
    if (nanoseconds.orElse(1) < 1 || nanoseconds.orElse(1) > MOST_NANOSECONDS) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.ofEpochSecond(time.seconds(), nanoseconds.orElse(0)));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** What is on the disk, of that which is to be kept. */
  static FileAttributes read(Path path, ImportOptions options) throws IOException {
    boolean link = Files.isSymbolicLink(path); // whose permissions mean nothing
    OptionalInt mode = OptionalInt.empty();
    if (options.preserveMode() && !link && supports(path, "unix")) {
      int bits = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & MODE_BITS;
      mode = bits == 0 ? mode : OptionalInt.of(bits);
    }
    Optional<Instant> mtime =
        options.preserveMtime()
            ? Optional.of(Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS).toInstant())
            : Optional.empty();
    return new FileAttributes(mode, mtime);
  }

  private static boolean supports(Path path, String view) {
    return path.getFileSystem().supportedFileAttributeViews().contains(view);
  }

  /** Whether there is anything to give to a file. */
  boolean isNone() {
    return equals(NONE);
  }

  /**
   * Gives them to what is on the disk, as far as its file system has them; a symbolic link itself
   * gets the time alone. Of the mode only the permissions are taken.
   */
  void apply(Path path) throws IOException {
    boolean link = Files.isSymbolicLink(path);
    PosixFileAttributeView posix =
        Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (!link && mode.isPresent() && posix != null && !permissions().isEmpty()) {
      posix.setPermissions(permissions());
    }
    if (mtime.isPresent()) {
      Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .setTimes(FileTime.from(mtime.get()), null, null);
    }
  }

  private Set<PosixFilePermission> permissions() {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (int i = 0; i < PERMISSIONS.length; i++) {
      if ((mode.orElse(0) >> (PERMISSIONS.length - 1 - i) & 1) == 1) {
        permissions.add(PERMISSIONS[i]);
      }
    }
    return permissions;
  }
}
