package io.sluice.protocol.unixfs;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.PbLink;
import io.sluice.protocol.ipld.PbNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes a directory of entries that are there already, in one block or sharded by its size. Takes
 * any number of entries: those of a sharded one go through a temporary file, which is gone when
 * this is closed.
 */
final class DirectoryBuilder implements AutoCloseable {
  /** A directory is sharded when names and CIDs take more bytes than this. */
  private static final long SHARD_ABOVE = 262_144;

  private final NodeWriter writer;
  private final FileAttributes attributes;
  private final Map<Node.Text, Imported> few = new TreeMap<>();
  private @Nullable EntrySorter many;
  private long size;

  DirectoryBuilder(NodeWriter writer, FileAttributes attributes) {
    this.writer = writer;
    this.attributes = attributes;
  }

  void add(String name, Imported entry) throws IOException {
    Node.Text text = Node.Text.of(name);
    size += text.bytes().length + entry.cid().size();
    if (many == null && few.put(text, entry) != null) {
      throw new IllegalArgumentException("two entries of one name: " + name);
    }
    if (many != null) {
      many.add(ShardEntry.of(text, entry));
    } else if (size > SHARD_ABOVE) {
      many = new EntrySorter();
      for (Map.Entry<Node.Text, Imported> before : few.entrySet()) {
        many.add(ShardEntry.of(before.getKey(), before.getValue()));
      }
      few.clear();
    }
  }

  Imported build() throws IOException {
    if (many != null) {
      return new ShardBuilder(writer, many.sorted()).build(attributes);
    }
    List<PbLink> links = new ArrayList<>();
    few.forEach((name, entry) -> links.add(link(name, entry)));
    return writer.write(
        new PbNode(Optional.of(UnixFsBytes.directory(attributes)), links), few.values());
  }

  static PbLink link(Node.Text name, Imported entry) {
    return new PbLink(Optional.of(name), OptionalLong.of(entry.dagBytes()), entry.cid());
  }

  @Override
  public void close() throws IOException {
    if (many != null) {
      many.close();
    }
  }
}
