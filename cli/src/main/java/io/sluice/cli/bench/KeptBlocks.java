package io.sluice.cli.bench;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/** What a client of a measurement got: in memory, since its disk is not what is measured. */
final class KeptBlocks implements BlockStore {
  private final Map<Multihash, Block> blocks = new ConcurrentHashMap<>();

  @Override
  public boolean has(Cid cid) {
    return blocks.containsKey(cid.hash());
  }

  @Override
  public OptionalInt size(Cid cid) {
    Block block = blocks.get(cid.hash());
    return block == null ? OptionalInt.empty() : OptionalInt.of(block.size());
  }

  @Override
  public Optional<Block> get(Cid cid) {
    return Optional.ofNullable(blocks.get(cid.hash()));
  }

  @Override
  public void put(Block block) {
    blocks.put(block.cid().hash(), block);
  }

  @Override
  public void sync() {}
}
