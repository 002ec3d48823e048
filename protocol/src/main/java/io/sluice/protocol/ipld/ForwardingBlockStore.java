package io.sluice.protocol.ipld;

import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;

/** A store in front of another one; who extends it says what it does otherwise. */
public abstract class ForwardingBlockStore implements BlockStore {
  /** The store behind this one. */
  protected final BlockStore store;

  /** In front of {@code store}. */
  protected ForwardingBlockStore(BlockStore store) {
    this.store = store;
  }

  @Override
  public boolean has(Cid cid) {
    return store.has(cid);
  }

  @Override
  public OptionalInt size(Cid cid) {
    return store.size(cid);
  }

  @Override
  public Optional<Block> get(Cid cid) throws IOException {
    return store.get(cid);
  }

  @Override
  public boolean isDamaged(Cid cid) {
    return store.isDamaged(cid);
  }

  @Override
  public void put(Block block) throws IOException {
    store.put(block);
  }

  @Override
  public void sync() throws IOException {
    store.sync();
  }
}
