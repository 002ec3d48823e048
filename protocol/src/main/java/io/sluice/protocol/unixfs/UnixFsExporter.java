package io.sluice.protocol.unixfs;

import io.sluice.protocol.OutputFile;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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
    UnixFsEntry entry = reader.entry(cid);
    return switch (entry.kind()) {
      case FILE -> {
        List<String> skipped = new ArrayList<>();
        FileWriter writer = new FileWriter(entry, skipped);
        yield new Exported(1, OutputFile.write(out, replace, watch, writer), skipped);
      }
      case DIRECTORY -> tree(entry, out, watch);
      case SYMLINK -> throw new PathNotFoundException(cid + " is a symbolic link, not content");
    };
  }

  /** A file with what is kept beside its content. */
  private final class FileWriter implements OutputFile.ContentWriter {
    private final UnixFsEntry entry;
    private final List<String> skipped;

    FileWriter(UnixFsEntry entry, List<String> skipped) {
      this.entry = entry;
      this.skipped = skipped;
    }

    @Override
    public long write(FileChannel to) throws IOException {
      return reader.copy(entry.cid(), ByteRange.ALL, to);
    }

    @Override
    public void written(Path file) {
      give(entry.attributes(), file, entry.cid().toString(), skipped);
    }
  }

  /** What a file system does not take is no reason to refuse the content. */
  private static void give(
      FileAttributes attributes, Path path, String name, List<String> skipped) {
    try {
      attributes.apply(path);
    } catch (IOException | UnsupportedOperationException e) {
      skipped.add("mode and time of " + name + ": " + e.getMessage());
    }
  }

  private Exported tree(UnixFsEntry entry, Path out, OutputFile.PartWatch watch)
      throws IOException {
    if (Files.exists(out, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(
          out.toString(), null, "exists; a folder is written only where nothing is");
    }
    Path written = OutputFile.unused(out);
    watch.begun(written);
    Files.createDirectory(written);
    try {
      Tree tree = new Tree(written);
      tree.directory(entry, List.of());
      tree.makeLinks();
      tree.giveAttributes();
      watch.whole();
      Files.move(written, out);
      return tree.exported();
    } catch (IOException | RuntimeException e) {
      try {
        OutputFile.removeTree(written);
      } catch (IOException other) {
        e.addSuppressed(other);
      }
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

  /** One directory being put together. */
  private final class Tree {
    private final Path root;
    private final List<DeferredSymlink> links = new ArrayList<>();
    private final Set<Path> linked = new HashSet<>();
    private final List<String> skipped = new ArrayList<>();
    private final String separator;
    private long files;
    private long bytes;

    private final List<DeferredAttributes> folders = new ArrayList<>();

    private record DeferredSymlink(List<String> path, UnixFsEntry entry, String target) {}

    private record DeferredAttributes(List<String> path, FileAttributes attributes) {}

    Tree(Path root) {
      this.root = root;
      this.separator = root.getFileSystem().getSeparator();
    }

    void directory(UnixFsEntry folder, List<String> path) throws IOException {
      if (path.size() > MOST_DEPTH) {
        throw BadUnixFs.because("directories nested deeper than " + MOST_DEPTH);
      }
      if (!folder.attributes().isNone()) {
        folders.add(new DeferredAttributes(path, folder.attributes()));
      }
      reader.list(folder.cid(), entry -> entry(entry, path));
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
      UnixFsEntry found = reader.entry(entry.cid());
      switch (found.kind()) {
        case FILE -> {
          bytes += write(entry.cid(), place);
          give(found.attributes(), place, String.join("/", below), skipped);
          files++;
        }
        case DIRECTORY -> {
          Files.createDirectory(place);
          directory(found, below);
        }
        case SYMLINK -> {
          linked.add(place);
          links.add(new DeferredSymlink(below, found, reader.target(entry.cid())));
        }
      }
    }

    void makeLinks() throws IOException {
      for (DeferredSymlink link : links) {
        if (SafeName.staysInside(link.target(), link.path().size() - 1, separator)) {
          Path place = on(link.path());
          Files.createSymbolicLink(place, root.getFileSystem().getPath(link.target()));
          give(link.entry().attributes(), place, String.join("/", link.path()), skipped);
        } else {
          skipped.add(String.join("/", link.path()) + " -> " + link.target());
        }
      }
    }

    /** When nothing more is made in them, the deepest first: a folder may be closed to writing. */
    void giveAttributes() throws IOException {
      for (DeferredAttributes folder : folders.reversed()) {
        give(folder.attributes(), on(folder.path()), String.join("/", folder.path()), skipped);
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
