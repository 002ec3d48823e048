package io.sluice.node.output;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.ForwardingBlockStore;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.Optional;

/**
 * A store that is being filled: who asks for a block that is not here yet waits for it, until no
 * more come. So content can be read in its own order while it is received in the same order, and is
 * out as soon as it is verified. Waiting is for threads that nobody else needs.
 */
final class ArrivingBlocks extends ForwardingBlockStore {
  private long arrivals;
  private boolean over;

  ArrivingBlocks(BlockStore store) {
    super(store);
  }

  /** Blocks have been put into the store. */
  synchronized void arrived() {
    arrivals++;
    notifyAll();
  }

  /** No more will come: what is not here now is missing. */
  synchronized void end() {
    over = true;
    notifyAll();
  }

  @Override
  public Optional<Block> get(Cid cid) throws IOException {
    while (true) {
      long before;
      boolean last;
      synchronized (this) {
        before = arrivals;
        last = over;
      }
      // Looked for after the count was taken: what comes in between ends the wait below.
      Optional<Block> found = store.get(cid);
      if (found.isPresent() || last) {
        return found;
      }
      await(before);
    }
  }

  private synchronized void await(long before) throws IOException {
    try {
      while (!over && arrivals == before) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for a block", e);
    }
  }
}
