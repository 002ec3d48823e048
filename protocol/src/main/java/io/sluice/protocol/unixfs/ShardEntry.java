package io.sluice.protocol.unixfs;

import io.sluice.protocol.ipld.Node;
import java.util.Arrays;
import java.util.Comparator;

/** An entry of a sharded directory with the hash of its name, which says where it belongs. */
record ShardEntry(long hash, Node.Text name, Imported target) {
  /** As the shards have them, and equal names beside one another. */
  static final Comparator<ShardEntry> ORDER =
      Comparator.comparing(ShardEntry::hash, Long::compareUnsigned)
          .thenComparing(entry -> entry.name().bytes(), Arrays::compareUnsigned);

  static ShardEntry of(Node.Text name, Imported target) {
    return new ShardEntry(Hamt.hash(name.bytes()), name, target);
  }
}
