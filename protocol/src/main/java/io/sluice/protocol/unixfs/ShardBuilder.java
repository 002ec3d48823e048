package io.sluice.protocol.unixfs;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.PbLink;
import io.sluice.protocol.ipld.PbNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes a sharded directory of entries that come in order; its shape follows from the names alone.
 * Holds one shard a level, and two entries to see where a shard is needed.
 */
final class ShardBuilder {
  private static final Hamt HAMT = Hamt.of(Hamt.FANOUT);

  private final NodeWriter writer;
  private final EntrySorter.Sorted entries;
  private @Nullable ShardEntry first;
  private @Nullable ShardEntry second;

  ShardBuilder(NodeWriter writer, EntrySorter.Sorted entries) throws IOException {
    this.writer = writer;
    this.entries = entries;
    advance();
    advance();
  }

  /** The root, which has the attributes. */
  Imported build(FileAttributes attributes) throws IOException {
    return shard(0, 0, attributes);
  }

  /** The shard of all entries whose hashes begin as that one, up to this level. */
  private Imported shard(int level, long begin, FileAttributes attributes) throws IOException {
    if (level == HAMT.levels()) {
      throw new IOException("names whose hashes are the same cannot be in one directory");
    }
    byte[] bits = new byte[HAMT.fanout() / Byte.SIZE];
    List<PbLink> links = new ArrayList<>();
    List<Imported> targets = new ArrayList<>();
    for (ShardEntry at = first; at != null && isTogether(begin, at.hash(), level); at = first) {
      int bucket = HAMT.bucket(at.hash(), level);
      bits[bits.length - 1 - bucket / Byte.SIZE] |= (byte) (1 << bucket % Byte.SIZE);
      boolean shared = second != null && isTogether(at.hash(), second.hash(), level + 1);
      Imported target;
      byte[] name;
      if (shared) {
        target = shard(level + 1, at.hash(), FileAttributes.NONE);
        name = new byte[0];
      } else {
        target = at.target();
        name = at.name().bytes();
        advance();
      }
      targets.add(target);
      links.add(DirectoryBuilder.link(linkName(bucket, name), target));
    }
    ByteBuffer data =
        UnixFsBytes.shard(withoutLeadingZeros(bits), Hamt.MURMUR3, HAMT.fanout(), attributes);
    return writer.write(new PbNode(Optional.of(data), links), targets);
  }

  private void advance() throws IOException {
    first = second;
    second = entries.next();
    if (first != null && second != null && first.name().equals(second.name())) {
      throw new IllegalArgumentException("two entries of one name: " + first.name().string());
    }
  }

  /** Whether two hashes lead through the same buckets of the first levels. */
  private static boolean isTogether(long a, long b, int levels) {
    return levels == 0 || (a ^ b) >>> (Long.SIZE - levels * HAMT.bitsPerLevel()) == 0;
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
