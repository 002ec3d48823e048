package io.sluice.dealstore.blocks;

import io.sluice.protocol.multiformats.Cid;
import java.util.List;

/**
 * How much lies beneath a root.
 *
 * @param blocks distinct blocks that are here
 * @param bytes of their data
 * @param missing links that lead to no block, the first thousand of them
 */
public record DagSummary(long blocks, long bytes, List<Cid> missing) {
  /** Copies the list. */
  public DagSummary {
    missing = List.copyOf(missing);
  }

  /** Whether every link leads to a block. */
  public boolean complete() {
    return missing.isEmpty();
  }
}
