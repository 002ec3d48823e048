package io.sluice.protocol.graphsync.requestor;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.LoadResult;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selector;
import io.sluice.protocol.ipld.Visit;
import io.sluice.protocol.ipld.Walk;
import io.sluice.protocol.ipld.WalkBudget;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.Optional;

/**
 * The beginning of a walk that a store can satisfy by itself: what a request may leave out.
 *
 * @param visits leading visits whose blocks are all here. Identity CIDs, whose bytes are in the
 *     link, do not count, since not every responder visits them
 * @param complete whether that is the whole walk
 */
record LocalWalk(long visits, boolean complete) {
  /**
   * Walks until the first block that the store lacks.
   *
   * @throws IOException if the store fails
   * @throws io.sluice.protocol.ProtocolException if the selector is malformed, a block that is here
   *     cannot be decoded, or the budget does not suffice
   */
  static LocalWalk leading(Cid root, Node selector, BlockStore store, WalkBudget budget)
      throws IOException, InterruptedException {
    Counter counter = new Counter(store);
    try {
      Walk.run(root, Selector.canonical(selector), counter::load, budget);
      return new LocalWalk(counter.visits, true);
    } catch (WalkEnded e) {
      return new LocalWalk(counter.visits, false);
    }
  }

  private static final class Counter {
    private final BlockStore store;
    private long visits;

    Counter(BlockStore store) {
      this.store = store;
    }

    LoadResult load(Visit visit) throws IOException {
      if (visit.cid().isIdentity()) {
        return new LoadResult.Loaded(visit.cid().hash().digestBuffer());
      }
      Optional<Block> block = store.get(visit.cid());
      if (block.isEmpty()) {
        throw new WalkEnded();
      }
      visits++;
      return new LoadResult.Loaded(block.get().data());
    }
  }
}
