package io.sluice.protocol.ipld;

import java.io.IOException;

/** Where a walk gets its blocks. It may block, and decides alone what a missing block means. */
@FunctionalInterface
public interface LinkLoader {
  /**
   * Brings a block. Whatever this throws ends the walk.
   *
   * @throws IOException if the world failed
   * @throws InterruptedException if the walk is given up
   */
  LoadResult load(Visit visit) throws IOException, InterruptedException;

  /** Loads from a store; what it lacks is left out. */
  static LinkLoader of(BlockStore store) {
    return visit ->
        store
            .get(visit.cid())
            .<LoadResult>map(block -> new LoadResult.Loaded(block.data()))
            .orElseGet(LoadResult.Skip::new);
  }
}
