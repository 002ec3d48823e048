package io.sluice.node.content;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The blocks of a home as its peers see them: without those that are denied.
 *
 * @param blocks all of them
 * @param denied what is not for others
 */
record ServedBlocks(BlockStore blocks, DenyList denied) implements BlockStore {
  @Override
  public boolean has(Cid cid) {
    return !denied.denies(cid) && blocks.has(cid);
  }

  @Override
  public OptionalInt size(Cid cid) {
    return denied.denies(cid) ? OptionalInt.empty() : blocks.size(cid);
  }

  @Override
  public Optional<Block> get(Cid cid) throws IOException {
    return denied.denies(cid) ? Optional.empty() : blocks.get(cid);
  }

  @Override
  public boolean isDamaged(Cid cid) {
    return !denied.denies(cid) && blocks.isDamaged(cid);
  }

  @Override
  public void put(Block block) throws IOException {
    blocks.put(block);
  }

  @Override
  public void sync() throws IOException {
    blocks.sync();
  }
}
