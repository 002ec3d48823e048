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

/** Makes a directory of entries that are there already, in one block or sharded by its size. */
final class DirectoryBuilder {
  /** A directory is sharded when names and CIDs take more bytes than this. */
  private static final long SHARD_ABOVE = 262_144;

  private final NodeWriter writer;
  private final Map<Node.Text, Imported> entries = new TreeMap<>();
  private long size;

  DirectoryBuilder(NodeWriter writer) {
    this.writer = writer;
  }

  void add(String name, Imported entry) {
    Node.Text text = Node.Text.of(name);
    if (entries.put(text, entry) != null) {
      throw new IllegalArgumentException("two entries of one name: " + name);
    }
    size += text.bytes().length + entry.cid().size();
  }

  Imported build() throws IOException {
    if (size > SHARD_ABOVE) {
      return new ShardBuilder(writer).build(entries);
    }
    List<PbLink> links = new ArrayList<>();
    entries.forEach((name, entry) -> links.add(link(name, entry)));
    return writer.write(new PbNode(Optional.of(UnixFsBytes.directory()), links), entries.values());
  }

  static PbLink link(Node.Text name, Imported entry) {
    return new PbLink(Optional.of(name), OptionalLong.of(entry.dagBytes()), entry.cid());
  }
}
