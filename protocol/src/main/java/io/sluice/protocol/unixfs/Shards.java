package io.sluice.protocol.unixfs;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.PbLink;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads sharded directories. Every name has to stand where its hash says, and no shard may be empty
 * but a whole empty directory: so a small DAG cannot pretend to be an endless one.
 */
final class Shards {
  private final RequiredBlocks blocks;

  /** Takes the links of a directory, each with its name alone. */
  @FunctionalInterface
  interface ShardVisitor {
    void entry(Node.Text name, PbLink link) throws IOException;
  }

  Shards(RequiredBlocks blocks) {
    this.blocks = blocks;
  }

  /** Looks one name up; loads only the shards on its way. */
  Optional<PbLink> find(UnixFsNode.Shard root, Node.Text name) throws IOException {
    byte[] wanted = name.bytes();
    long hash = Hamt.hash(wanted);
    UnixFsNode.Shard shard = root;
    for (int level = 0; level < root.hamt().levels(); level++) {
      int bucket = shard.hamt().bucket(hash, level);
      Optional<PbLink> link = UnixFsNode.inBucket(shard, bucket);
      if (link.isEmpty()) {
        return link;
      }
      byte[] linkName = link.get().nameOrEmpty().bytes();
      int prefix = prefix(shard.hamt(), linkName, bucket);
      if (linkName.length > prefix) {
        byte[] found = Arrays.copyOfRange(linkName, prefix, linkName.length);
        return Arrays.equals(found, wanted) ? link : Optional.empty();
      }
      shard = child(shard, link.get());
    }
    throw BadUnixFs.because("more shards in one another than a hash has bits");
  }

  /** Goes through all entries, by bucket. */
  void each(UnixFsNode.Shard root, ShardVisitor visitor) throws IOException {
    each(root, 0, 0, visitor);
  }

  /** {@code path}: the bits of the hash that all names from here on have to begin with. */
  private void each(UnixFsNode.Shard shard, int level, long path, ShardVisitor visitor)
      throws IOException {
    Hamt hamt = shard.hamt();
    if (level >= hamt.levels()) {
      throw BadUnixFs.because("more shards in one another than a hash has bits");
    }
    if (level > 0 && shard.links().isEmpty()) {
      throw BadUnixFs.because("empty shard inside a directory");
    }
    for (PbLink link : shard.links()) {
      byte[] linkName = link.nameOrEmpty().bytes();
      int bucket = bucket(hamt, linkName);
      long here = path << hamt.bitsPerLevel() | bucket;
      if (linkName.length == hamt.digits()) {
        each(child(shard, link), level + 1, here, visitor);
        continue;
      }
      byte[] name = Arrays.copyOfRange(linkName, hamt.digits(), linkName.length);
      if (Hamt.hash(name) >>> (Long.SIZE - (level + 1) * hamt.bitsPerLevel()) != here) {
        throw BadUnixFs.because("name in the wrong shard");
      }
      visitor.entry(Node.Text.ofBytes(name), link);
    }
  }

  private UnixFsNode.Shard child(UnixFsNode.Shard parent, PbLink link) throws IOException {
    if (blocks.node(link.cid()) instanceof UnixFsNode.Shard shard
        && shard.hamt().equals(parent.hamt())) {
      return shard;
    }
    throw BadUnixFs.because(link.cid() + " is not a shard of the directory");
  }

  private static int prefix(Hamt hamt, byte[] linkName, int bucket) {
    if (bucket(hamt, linkName) != bucket) {
      throw BadUnixFs.because("link in the wrong place of a shard");
    }
    return hamt.digits();
  }

  private static int bucket(Hamt hamt, byte[] linkName) {
    if (linkName.length < hamt.digits()) {
      throw BadUnixFs.because("link of a shard without its bucket's number");
    }
    int bucket = 0;
    for (int i = 0; i < hamt.digits(); i++) {
      int digit = Character.digit(linkName[i], 16);
      if (digit < 0) {
        throw BadUnixFs.because("link of a shard without its bucket's number");
      }
      bucket = bucket << 4 | digit;
    }
    if (bucket >= hamt.fanout()) {
      throw BadUnixFs.because("bucket " + bucket + " of " + hamt.fanout());
    }
    return bucket;
  }
}
