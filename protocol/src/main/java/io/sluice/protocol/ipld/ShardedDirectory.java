package io.sluice.protocol.ipld;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Murmur3;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A directory spread over a tree of blocks by the hashes of its names. Shards are loaded when a
 * name leads to them or the iteration comes to them, and kept until the iteration has passed them:
 * at any time it holds those between the root and where it is.
 *
 * <p>Spec: ipfs/specs, UNIXFS, HAMT; the order of bits as go-unixfsnode has it.
 */
final class ShardedDirectory implements NodeView {
  private static final long MURMUR3 = 0x22;
  private static final int MAX_FANOUT = 1024;
  private static final int HASH_BITS = 64;

  private final PbNode pb;
  private final Interpretation.BlockSource blocks;
  private final ByteBuffer bitfield;
  private final int bitsPerLevel;
  private final int prefixLength;
  private final Map<Cid, ShardedDirectory> loaded = new HashMap<>();
  private final Set<Cid> passed = new HashSet<>();

  private ShardedDirectory(
      PbNode pb, Interpretation.BlockSource blocks, ByteBuffer bitfield, int fanout) {
    this.pb = pb;
    this.blocks = blocks;
    this.bitfield = bitfield;
    this.bitsPerLevel = Integer.numberOfTrailingZeros(fanout);
    this.prefixLength = String.format(Locale.ROOT, "%X", fanout - 1).length();
  }

  static ShardedDirectory of(PbNode pb, UnixFsFields fields, Interpretation.BlockSource blocks)
      throws InterpretationException {
    long fanout = fields.fanout().orElse(0);
    boolean valid =
        fields.type() == UnixFsFields.HAMT_SHARD
            && fields.hashType().orElse(0) == MURMUR3
            && fields.data().isPresent()
            && fanout >= 8
            && fanout <= MAX_FANOUT
            && Long.bitCount(fanout) == 1;
    if (!valid || fields.data().get().remaining() > fanout / 8) {
      throw new InterpretationException(
          "a shard of a directory with a wrong hash, width or bit field");
    }
    return new ShardedDirectory(pb, blocks, fields.data().get(), (int) fanout);
  }

  @Override
  public Node node() {
    return pb.toNode();
  }

  @Override
  public boolean hasChildren() {
    return true;
  }

  @Override
  public @Nullable Node lookup(PathSegment segment)
      throws InterpretationException, IOException, InterruptedException {
    byte[] name = segment.text().raw();
    return lookup(name, Murmur3.hash64(name), HASH_BITS);
  }

  /** The bits of the hash that are left stand at its lower end. */
  private @Nullable Node lookup(byte[] name, long hash, int bitsLeft)
      throws InterpretationException, IOException, InterruptedException {
    if (bitsLeft < bitsPerLevel) {
      throw new InterpretationException("a directory of too many levels");
    }
    int bucket = (int) (hash >>> (bitsLeft - bitsPerLevel)) & ((1 << bitsPerLevel) - 1);
    if (!isTaken(bucket)) {
      return null;
    }
    int position = takenBefore(bucket);
    if (position >= pb.links().size()) {
      throw new InterpretationException("a shard with fewer links than its bit field says");
    }
    PbLink link = pb.links().get(position);
    if (!isEntry(link)) {
      return shard(link).lookup(name, hash, bitsLeft - bitsPerLevel);
    }
    byte[] full = link.nameOrEmpty().raw();
    return Arrays.equals(full, prefixLength, full.length, name, 0, name.length)
        ? Node.of(link.cid())
        : null;
  }

  /** The bit field is a number in big-endian order without its leading zeros. */
  private boolean isTaken(int bucket) {
    int index = bitfield.limit() - 1 - bucket / 8;
    return index >= 0 && (bitfield.get(index) >> bucket % 8 & 1) == 1;
  }

  private int takenBefore(int bucket) {
    int count = 0;
    for (int i = 0; i < bucket; i++) {
      if (isTaken(i)) {
        count++;
      }
    }
    return count;
  }

  private boolean isEntry(PbLink link) throws InterpretationException {
    int length = link.name().isPresent() ? link.name().get().raw().length : 0;
    if (length < prefixLength) {
      throw new InterpretationException("a link of a shard without the number of its bucket");
    }
    return length > prefixLength;
  }

  private ShardedDirectory shard(PbLink link)
      throws InterpretationException, IOException, InterruptedException {
    ShardedDirectory known = loaded.get(link.cid());
    if (known != null) {
      return known;
    }
    if (passed.contains(link.cid())) {
      // The other end would take it from memory. In a sound directory no two shards are alike.
      throw new InterpretationException("a directory with the same shard twice");
    }
    if (!(blocks.load(link.cid()) instanceof PbRoot(PbNode child, Plain ignored))
        || child.data().isEmpty()) {
      throw new InterpretationException("a shard that is no UnixFS");
    }
    ShardedDirectory shard;
    try {
      shard = of(child, UnixFsFields.decode(child.data().get()), blocks);
    } catch (ProtocolException e) {
      throw new InterpretationException("a shard that is no UnixFS", e);
    }
    loaded.put(link.cid(), shard);
    return shard;
  }

  /** Loads all shards, depth first. */
  void loadAll(int depth) throws InterpretationException, IOException, InterruptedException {
    if (depth > HASH_BITS) {
      throw new InterpretationException("a directory of too many levels");
    }
    for (PbLink link : pb.links()) {
      if (!isEntry(link)) {
        shard(link).loadAll(depth + 1);
      }
    }
  }

  @Override
  public Children children() {
    return new Entries(this, prefixLength, 0);
  }

  /** The entries by bucket; those of a shard in the place of their bucket. */
  private static final class Entries implements Children {
    private final ShardedDirectory shard;
    private final Iterator<PbLink> links;
    private final int prefix;
    private final int depth;
    private @Nullable Entries inner;
    private @Nullable Cid innerCid;
    private @Nullable Cid over;

    private Entries(ShardedDirectory shard, int prefix, int depth) {
      this.shard = shard;
      this.links = shard.pb.links().iterator();
      this.prefix = prefix;
      this.depth = depth;
    }

    private void letGo() {
      if (over != null) {
        shard.loaded.remove(over);
        shard.passed.add(over);
        over = null;
      }
    }

    private boolean isDone() {
      return inner == null && !links.hasNext();
    }

    @Override
    public @Nullable Child next()
        throws InterpretationException, IOException, InterruptedException {
      letGo();
      if (isDone()) {
        return null;
      }
      if (inner == null) {
        PbLink link = links.next();
        if (shard.isEntry(link)) {
          byte[] name = link.nameOrEmpty().raw();
          Node.Text entry =
              Node.Text.owned(Arrays.copyOfRange(name, Math.min(prefix, name.length), name.length));
          return new Child(PathSegment.of(entry), Node.of(link.cid()));
        }
        if (depth == HASH_BITS) {
          throw new InterpretationException("a directory of too many levels");
        }
        inner = new Entries(shard.shard(link), prefix, depth + 1);
        innerCid = link.cid();
      }
      Entries entries = inner;
      Child child = entries.next();
      if (entries.isDone()) {
        // Its last entry may still be looked up, as a selector does that stops at a link.
        over = innerCid;
        inner = null;
      }
      if (child == null) {
        throw new InterpretationException("a shard without entries");
      }
      return child;
    }
  }
}
