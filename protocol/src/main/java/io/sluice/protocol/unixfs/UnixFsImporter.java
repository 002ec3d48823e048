package io.sluice.protocol.unixfs;

import io.sluice.protocol.OrderedTasks;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.PbNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Turns files and directories into DAGs. Files of any size pass through a few chunks of memory;
 * chunks are hashed side by side and written in order. Symbolic links are kept as links and never
 * followed. The blocks are durable after the store's next sync, which is the caller's.
 *
 * <p>Directories of any size pass through a temporary file when they are large.
 *
 * <p>For one thread at a time.
 */
public final class UnixFsImporter {
  /** So many entries of a directory are brought in in the order of their names. */
  private static final int SORTED_TOGETHER = 4096;

  private final NodeWriter writer;
  private final ImportOptions options;
  private final ExecutorService hashing;
  private @Nullable ByteBuffer spare;

  /**
   * @param store where blocks go
   * @param hashing where chunks are hashed, as wide as the cores
   */
  public UnixFsImporter(BlockStore store, ImportOptions options, ExecutorService hashing) {
    this.writer = new NodeWriter(store, options);
    this.options = options;
    this.hashing = hashing;
  }

  /**
   * Imports what lies at a path: a file, a symbolic link, or a directory with all that is in it,
   * hidden entries included. Owners are not kept, modes and times as the options say.
   *
   * @throws IOException also at an entry that is none of these, such as a pipe
   */
  public Imported path(Path path) throws IOException {
    BasicFileAttributes kind =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    FileAttributes attributes = FileAttributes.read(path, options);
    if (kind.isSymbolicLink()) {
      return symlink(Files.readSymbolicLink(path).toString(), attributes);
    }
    if (kind.isDirectory()) {
      return directory(path, attributes);
    }
    if (!kind.isRegularFile()) {
      throw new IOException(path + " is neither file, directory nor symbolic link");
    }
    try (ReadableByteChannel file = Files.newByteChannel(path)) {
      return file(file, attributes);
    }
  }

  /** Imports all that a stream gives, as one file; the stream stays open. */
  public Imported file(InputStream content) throws IOException {
    return file(Channels.newChannel(content), FileAttributes.NONE);
  }

  /** Imports all that a channel in blocking mode gives, as one file; the channel stays open. */
  public Imported file(ReadableByteChannel content) throws IOException {
    return file(content, FileAttributes.NONE);
  }

  private Imported file(ReadableByteChannel content, FileAttributes attributes) throws IOException {
    ByteBuffer first = chunk(content);
    boolean full = first.remaining() == options.chunkBytes();
    ByteBuffer second = full ? chunk(content) : ByteBuffer.allocate(0);
    if (!second.hasRemaining()) {
      return writer.write(writer.leaf(first, attributes));
    }
    BalancedTree tree = new BalancedTree(writer, options.linksPerNode());
    int underWay = 2 * Runtime.getRuntime().availableProcessors();
    try (OrderedTasks<NodeWriter.LeafBlock> leaves =
        new OrderedTasks<>(hashing, underWay, leaf -> tree.add(writer.write(leaf)))) {
      leaves.submit(() -> writer.leaf(first));
      for (ByteBuffer next = second; next.hasRemaining(); next = chunk(content)) {
        ByteBuffer chunk = next;
        leaves.submit(() -> writer.leaf(chunk));
      }
      leaves.finish();
    }
    return tree.root(attributes);
  }

  /** A symbolic link, whether or not its target is anywhere. */
  public Imported symlink(String target) throws IOException {
    return symlink(target, FileAttributes.NONE);
  }

  private Imported symlink(String target, FileAttributes attributes) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(target.getBytes(StandardCharsets.UTF_8));
    PbNode node = new PbNode(Optional.of(UnixFsBytes.symlink(bytes, attributes)), List.of());
    return writer.write(node, List.of());
  }

  DirectoryBuilder directory() {
    return new DirectoryBuilder(writer, FileAttributes.NONE);
  }

  private Imported directory(Path path, FileAttributes attributes) throws IOException {
    try (DirectoryBuilder directory = new DirectoryBuilder(writer, attributes)) {
      // Those of a small folder, or the last ones, while the folder is not held open: so nested
      // ones need not be open all at once.
      addAll(entries(path, directory), directory);
      return directory.build();
    }
  }

  /** The last entries of a folder; all before them are added. */
  private List<Path> entries(Path path, DirectoryBuilder directory) throws IOException {
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(path)) {
      List<Path> together = new ArrayList<>();
      for (Path entry : stream) {
        if (together.size() == SORTED_TOGETHER) {
          addAll(together, directory);
          together.clear();
        }
        together.add(entry);
      }
      return together;
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private void addAll(List<Path> entries, DirectoryBuilder directory) throws IOException {
    entries.sort(Comparator.naturalOrder());
    for (Path entry : entries) {
      directory.add(name(entry), path(entry));
    }
  }

  /** Names in a DAG are text. One whose bytes are none would come out changed. */
  private static String name(Path entry) throws IOException {
    String name = String.valueOf(entry.getFileName());
    try {
      if (entry.resolveSibling(name).equals(entry)) {
        return name;
      }
    } catch (InvalidPathException e) {
      // told below
    }
    throw new IOException(entry + ": the name is not UTF-8, or the locale of this process is not");
  }

  /** The next chunk in an array of its own, which the store may keep; empty at the end. */
  private ByteBuffer chunk(ReadableByteChannel content) throws IOException {
    ByteBuffer chunk = spare != null ? spare : ByteBuffer.allocate(options.chunkBytes());
    spare = null;
    int count = 0;
    while (chunk.hasRemaining() && count >= 0) {
      count = content.read(chunk);
    }
    chunk.flip();
    if (chunk.remaining() * 2L >= chunk.capacity()) {
      return chunk;
    }
    // Many small files pass through the same array.
    ByteBuffer small = ByteBuffer.allocate(chunk.remaining()).put(chunk).flip();
    spare = chunk.clear();
    return small;
  }
}
