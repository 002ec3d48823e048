package io.sluice.dealstore.blocks;

import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.Collection;

/** Says what a block store has to keep: a port of giving room back. */
@FunctionalInterface
public interface NeededRoots {
  /** The roots of everything that is needed at this moment. */
  Collection<Cid> now() throws IOException;

  /**
   * A number in the block log: blocks that came at it or later stay, whatever lies beneath the
   * roots. For content that comes block by block from neighbours, and whose root is not listed yet.
   */
  default long keptFrom() {
    return Long.MAX_VALUE;
  }
}
