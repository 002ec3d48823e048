package io.sluice.protocol.ipld;

import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Blocks in memory: gone with the process, without a bound. For tests and for small DAGs that are
 * built and handed on. Identity CIDs carry their data, so they are always here.
 */
public class MemoryBlockStore implements BlockStore {
  private final ConcurrentHashMap<Multihash, Block> blocks = new ConcurrentHashMap<>();

  /** An empty store. */
  public MemoryBlockStore() {}

  @Override
  public boolean has(Cid cid) {
    return cid.isIdentity() || blocks.containsKey(cid.hash());
  }

  @Override
  public OptionalInt size(Cid cid) {
    if (cid.isIdentity()) {
      return OptionalInt.of(cid.hash().digestLength());
    }
    Block block = blocks.get(cid.hash());
    return block == null ? OptionalInt.empty() : OptionalInt.of(block.size());
  }

  @Override
  public Optional<Block> get(Cid cid) {
    if (cid.isIdentity()) {
      return Optional.of(new Block(cid, ByteBuffer.wrap(cid.hash().digest())));
    }
    Block block = blocks.get(cid.hash());
    if (block == null || block.cid().equals(cid)) {
      return Optional.ofNullable(block);
    }
    return Optional.of(new Block(cid, block.data()));
  }

  @Override
  public void put(Block block) {
    if (!block.cid().isIdentity()) {
      blocks.putIfAbsent(block.cid().hash(), block);
    }
  }

  /** Does nothing: memory is never durable. */
  @Override
  public void sync() {}

  /** Forgets a block, if it is there. */
  public void remove(Cid cid) {
    blocks.remove(cid.hash());
  }

  /** The number of blocks. */
  public int count() {
    return blocks.size();
  }
}
