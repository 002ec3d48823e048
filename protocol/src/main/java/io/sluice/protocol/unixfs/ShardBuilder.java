package io.sluice.protocol.unixfs;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.PbLink;
import io.sluice.protocol.ipld.PbNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Makes a sharded directory; its shape follows from the names alone, in whatever order they come.
 */
final class ShardBuilder {
  private static final Hamt HAMT = Hamt.of(Hamt.FANOUT);

  private final NodeWriter writer;

  private record Entry(Node.Text name, long hash, Imported target) {}

  ShardBuilder(NodeWriter writer) {
    this.writer = writer;
  }

  Imported build(Map<Node.Text, Imported> entries) throws IOException {
    List<Entry> all = new ArrayList<>();
    entries.forEach((name, target) -> all.add(new Entry(name, Hamt.hash(name.bytes()), target)));
    return shard(all, 0);
  }

  private Imported shard(List<Entry> entries, int level) throws IOException {
    if (level == HAMT.levels()) {
      throw new IOException("names whose hashes are the same cannot be in one directory");
    }
    SortedMap<Integer, List<Entry>> buckets = new TreeMap<>();
    for (Entry entry : entries) {
      buckets
          .computeIfAbsent(HAMT.bucket(entry.hash(), level), bucket -> new ArrayList<>())
          .add(entry);
    }
    byte[] bits = new byte[HAMT.fanout() / Byte.SIZE];
    List<PbLink> links = new ArrayList<>();
    List<Imported> targets = new ArrayList<>();
    for (Map.Entry<Integer, List<Entry>> bucket : buckets.entrySet()) {
      int number = bucket.getKey();
      bits[bits.length - 1 - number / Byte.SIZE] |= (byte) (1 << number % Byte.SIZE);
      boolean single = bucket.getValue().size() == 1;
      Imported target =
          single ? bucket.getValue().getFirst().target() : shard(bucket.getValue(), level + 1);
      byte[] name = single ? bucket.getValue().getFirst().name().bytes() : new byte[0];
      targets.add(target);
      links.add(DirectoryBuilder.link(linkName(number, name), target));
    }
    ByteBuffer data = UnixFsBytes.shard(withoutLeadingZeros(bits), Hamt.MURMUR3, HAMT.fanout());
    return writer.write(new PbNode(Optional.of(data), links), targets);
  }

  private static Node.Text linkName(int bucket, byte[] name) {
    byte[] prefix = HAMT.prefix(bucket).getBytes(StandardCharsets.US_ASCII);
    ByteBuffer joined = ByteBuffer.allocate(prefix.length + name.length).put(prefix).put(name);
    return Node.Text.ofBytes(joined.array());
  }

  private static ByteBuffer withoutLeadingZeros(byte[] bits) {
    int first = 0;
    while (first < bits.length && bits[first] == 0) {
      first++;
    }
    return ByteBuffer.wrap(bits, first, bits.length - first);
  }
}
