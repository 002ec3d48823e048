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
 * <p>For one thread at a time.
 */
public final class UnixFsImporter {
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
   * hidden entries included. Owners, modes and times are not kept.
   *
   * @throws IOException also at an entry that is none of these, such as a pipe
   */
  public Imported path(Path path) throws IOException {
    BasicFileAttributes kind =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (kind.isSymbolicLink()) {
      return symlink(Files.readSymbolicLink(path).toString());
    }
    if (kind.isDirectory()) {
      return directory(path);
    }
    if (!kind.isRegularFile()) {
      throw new IOException(path + " is neither file, directory nor symbolic link");
    }
    try (ReadableByteChannel file = Files.newByteChannel(path)) {
      return file(file);
    }
  }

  /** Imports all that a stream gives, as one file; the stream stays open. */
  public Imported file(InputStream content) throws IOException {
    return file(Channels.newChannel(content));
  }

  /** Imports all that a channel in blocking mode gives, as one file; the channel stays open. */
  public Imported file(ReadableByteChannel content) throws IOException {
    ByteBuffer first = chunk(content);
    if (first.remaining() < options.chunkBytes()) {
      return writer.write(writer.leaf(first));
    }
    BalancedTree tree = new BalancedTree(writer, options.linksPerNode());
    int underWay = 2 * Runtime.getRuntime().availableProcessors();
    try (OrderedTasks<NodeWriter.LeafBlock> leaves =
        new OrderedTasks<>(hashing, underWay, leaf -> tree.add(writer.write(leaf)))) {
      for (ByteBuffer next = first; next.hasRemaining(); next = chunk(content)) {
        ByteBuffer chunk = next;
        leaves.submit(() -> writer.leaf(chunk));
      }
      leaves.finish();
    }
    return tree.root();
  }

  /** A symbolic link, whether or not its target is anywhere. */
  public Imported symlink(String target) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(target.getBytes(StandardCharsets.UTF_8));
    PbNode node = new PbNode(Optional.of(UnixFsBytes.symlink(bytes)), List.of());
    return writer.write(node, List.of());
  }

  DirectoryBuilder directory() {
    return new DirectoryBuilder(writer);
  }

  private Imported directory(Path path) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(path)) {
      stream.forEach(entries::add);
    }
    entries.sort(Comparator.naturalOrder());
    DirectoryBuilder directory = directory();
    for (Path entry : entries) {
      directory.add(name(entry), path(entry));
    }
    return directory.build();
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
