package io.sluice.protocol.unixfs;

import io.sluice.protocol.OrderedTasks;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.PbLink;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/**
 * Reads files and directories out of a store, which answers for the bytes of its blocks. DAGs may
 * come from anybody: what contradicts itself is refused with {@link ProtocolException} {@code
 * BAD_UNIXFS}. Safe for any number of threads.
 */
public final class UnixFsReader {
  private final RequiredBlocks blocks;
  private final Shards shards;
  private final ExecutorService hashing;

  /** Takes entries of a directory. */
  @FunctionalInterface
  public interface DirectoryVisitor {
    /** One entry. */
    void entry(DirectoryEntry entry) throws IOException;
  }

  /**
   * @param hashing where blocks are read and hashed, as wide as the cores
   */
  public UnixFsReader(BlockStore store, ExecutorService hashing) {
    this.blocks = new RequiredBlocks(store);
    this.shards = new Shards(blocks);
    this.hashing = hashing;
  }

  /** What a CID stands for; reads its block. */
  public UnixFsEntry entry(Cid cid) throws IOException {
    Block block = blocks.get(cid);
    UnixFsNode node = UnixFsNode.of(block);
    UnixFsEntry.EntryKind kind =
        switch (node) {
          case UnixFsNode.Leaf leaf -> UnixFsEntry.EntryKind.FILE;
          case UnixFsNode.Inner inner -> UnixFsEntry.EntryKind.FILE;
          case UnixFsNode.Unsized unsized -> UnixFsEntry.EntryKind.FILE;
          case UnixFsNode.Directory directory -> UnixFsEntry.EntryKind.DIRECTORY;
          case UnixFsNode.Shard shard -> UnixFsEntry.EntryKind.DIRECTORY;
          case UnixFsNode.Symlink link -> UnixFsEntry.EntryKind.SYMLINK;
        };
    return new UnixFsEntry(cid, kind, FileContent.size(node), UnixFsNode.attributes(block));
  }

  /**
   * Writes a file, or a stretch of one, to a channel in blocking mode, which stays open.
   *
   * @param range where it reaches behind the end of the file it ends with the file
   * @return how many bytes were written
   * @throws BlockMissingException if a block that is needed is not there
   */
  public long copy(Cid file, ByteRange range, WritableByteChannel out) throws IOException {
    long[] written = {0};
    int underWay = 2 * Runtime.getRuntime().availableProcessors();
    try (OrderedTasks<ByteBuffer> parts =
        new OrderedTasks<>(hashing, underWay, part -> written[0] += writeFully(part, out))) {
      new FileContent(blocks, range, parts).read(blocks.node(file), file);
      parts.finish();
    }
    return written[0];
  }

  /**
   * As {@link #copy(Cid, ByteRange, WritableByteChannel)}, of a stretch that may be counted from
   * the end.
   *
   * @throws io.sluice.protocol.ProtocolException {@code BAD_UNIXFS} also if that is needed and the
   *     file does not say how long it is, as old writers left it
   */
  public long copy(Cid file, EntityBytes bytes, WritableByteChannel out) throws IOException {
    UnixFsNode node = blocks.node(file);
    if (node instanceof UnixFsNode.Unsized unsized && unsized.size().isEmpty()) {
      throw BadUnixFs.because(file + " does not say how long it is, so no part of it is found");
    }
    return copy(file, bytes.within(FileContent.size(node)), out);
  }

  /**
   * Goes through a directory, in the order of its DAG.
   *
   * @throws PathNotFoundException if it is not one
   */
  public void list(Cid directory, DirectoryVisitor visitor) throws IOException {
    Shards.ShardVisitor each =
        (name, link) ->
            visitor.entry(new DirectoryEntry(name.string(), link.cid(), link.tsize().orElse(0)));
    switch (blocks.node(directory)) {
      case UnixFsNode.Directory node -> {
        for (PbLink link : node.links()) {
          each.entry(link.nameOrEmpty(), link);
        }
      }
      case UnixFsNode.Shard shard -> shards.each(shard, each);
      default -> throw new PathNotFoundException(directory + " is not a directory");
    }
  }

  /** Where a symbolic link points. */
  public String target(Cid symlink) throws IOException {
    if (blocks.node(symlink) instanceof UnixFsNode.Symlink link) {
      return StandardCharsets.UTF_8.decode(link.target().duplicate()).toString();
    }
    throw new PathNotFoundException(symlink + " is not a symbolic link");
  }

  /**
   * Follows names through directories; of sharded ones only the shards on the way are read.
   * Symbolic links are not followed.
   *
   * @param path names, none for the root itself
   * @throws PathNotFoundException if there is no such entry
   */
  public Cid resolve(Cid root, List<String> path) throws IOException {
    Cid at = root;
    for (String name : path) {
      Cid directory = at;
      at =
          find(directory, Node.Text.of(name))
              .orElseThrow(() -> new PathNotFoundException("no entry " + name + " in " + directory))
              .cid();
    }
    return at;
  }

  private Optional<PbLink> find(Cid cid, Node.Text name) throws IOException {
    return switch (blocks.node(cid)) {
      case UnixFsNode.Directory directory ->
          directory.links().stream().filter(link -> link.nameOrEmpty().equals(name)).findFirst();
      case UnixFsNode.Shard shard -> shards.find(shard, name);
      default -> Optional.empty();
    };
  }

  private static int writeFully(ByteBuffer part, WritableByteChannel out) throws IOException {
    int size = part.remaining();
    while (part.hasRemaining()) {
      out.write(part);
    }
    return size;
  }
}
