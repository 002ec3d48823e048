package io.sluice.protocol.unixfs;

import io.sluice.protocol.OutputFile;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Writes a file or a tree to disk. The names in a DAG are anybody's, so none may lead out of the
 * place given: names that are not plain are refused; nothing is written over; symbolic links are
 * made last of all, so that none is followed while writing, and only those that stay inside.
 *
 * <p>Everything is put together under another name beside its place ({@link OutputFile#unused}) and
 * moved there when it is whole. What fails half way is removed. Safe for any number of threads.
 */
public final class UnixFsExporter {
  /** Deeper trees have paths that no file system takes. */
  private static final int MOST_DEPTH = 256;

  private final UnixFsReader reader;

  /**
   * @param reader where content comes from
   */
  public UnixFsExporter(UnixFsReader reader) {
    this.reader = reader;
  }

  /** As {@link #export(Cid, Path, boolean, OutputFile.PartWatch)}, and nobody looks. */
  public Exported export(Cid cid, Path out, boolean replace) throws IOException {
    return export(cid, out, replace, OutputFile.PartWatch.NONE);
  }

  /**
   * Writes what a CID stands for.
   *
   * @param out the file or directory to make
   * @param replace whether a file that is there is replaced, at once when the new one is whole;
   *     directories never are
   * @param watch hears of it while it is not whole
   * @throws FileAlreadyExistsException if something is there
   * @throws BlockMissingException if a block is not here
   * @throws io.sluice.protocol.ProtocolException {@code BAD_UNIXFS}, {@code BLOCK_HASH_MISMATCH}
   */
  public Exported export(Cid cid, Path out, boolean replace, OutputFile.PartWatch watch)
      throws IOException {
    return switch (reader.entry(cid).kind()) {
      case FILE -> {
        long bytes =
            OutputFile.write(out, replace, watch, to -> reader.copy(cid, ByteRange.ALL, to));
        yield new Exported(1, bytes, List.of());
      }
      case DIRECTORY -> tree(cid, out, watch);
      case SYMLINK -> throw new PathNotFoundException(cid + " is a symbolic link, not content");
    };
  }

  private Exported tree(Cid cid, Path out, OutputFile.PartWatch watch) throws IOException {
    if (Files.exists(out, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(
          out.toString(), null, "exists; a folder is written only where nothing is");
    }
    Path written = OutputFile.unused(out);
    watch.begun(written);
    Files.createDirectory(written);
    try {
      Tree tree = new Tree(written);
      tree.directory(cid, List.of());
      tree.makeLinks();
      watch.whole();
      Files.move(written, out);
      return tree.exported();
    } catch (IOException | RuntimeException e) {
      removeTree(written, e);
      throw e;
    }
  }

  /** Writes to a file that must not be there before; removes it again where that fails. */
  private long write(Cid cid, Path file) throws IOException {
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      try {
        return reader.copy(cid, ByteRange.ALL, out);
      } catch (IOException | RuntimeException e) {
        Files.deleteIfExists(file);
        throw e;
      }
    }
  }

  private static void removeTree(Path root, Exception reason) {
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException | UncheckedIOException e) {
      reason.addSuppressed(e);
    }
  }

  /** One directory being put together. */
  private final class Tree {
    private final Path root;
    private final List<DeferredSymlink> links = new ArrayList<>();
    private final Set<Path> linked = new HashSet<>();
    private final List<String> skipped = new ArrayList<>();
    private final String separator;
    private long files;
    private long bytes;

    private record DeferredSymlink(List<String> path, String target) {}

    Tree(Path root) {
      this.root = root;
      this.separator = root.getFileSystem().getSeparator();
    }

    void directory(Cid cid, List<String> path) throws IOException {
      if (path.size() > MOST_DEPTH) {
        throw BadUnixFs.because("directories nested deeper than " + MOST_DEPTH);
      }
      reader.list(cid, entry -> entry(entry, path));
    }

    private void entry(DirectoryEntry entry, List<String> path) throws IOException {
      List<String> below = new ArrayList<>(path);
      below.add(SafeName.check(entry.name(), separator));
      Path place = on(below);
      // Whoever looks the name up finds the first of them; so does the disk, which may also take
      // two names for one.
      if (Files.exists(place, LinkOption.NOFOLLOW_LINKS) || linked.contains(place)) {
        skipped.add(String.join("/", below) + ": another entry of this name");
        return;
      }
      switch (reader.entry(entry.cid()).kind()) {
        case FILE -> {
          bytes += write(entry.cid(), place);
          files++;
        }
        case DIRECTORY -> {
          Files.createDirectory(place);
          directory(entry.cid(), below);
        }
        case SYMLINK -> {
          linked.add(place);
          links.add(new DeferredSymlink(below, reader.target(entry.cid())));
        }
      }
    }

    void makeLinks() throws IOException {
      for (DeferredSymlink link : links) {
        if (SafeName.staysInside(link.target(), link.path().size() - 1, separator)) {
          Files.createSymbolicLink(on(link.path()), root.getFileSystem().getPath(link.target()));
        } else {
          skipped.add(String.join("/", link.path()) + " -> " + link.target());
        }
      }
    }

    Exported exported() {
      return new Exported(files, bytes, skipped);
    }

    private Path on(List<String> names) throws IOException {
      try {
        Path path = root;
        for (String name : names) {
          path = path.resolve(name);
        }
        return path;
      } catch (InvalidPathException e) {
        throw new IOException("a name that this system cannot write: " + e.getMessage(), e);
      }
    }
  }
}
