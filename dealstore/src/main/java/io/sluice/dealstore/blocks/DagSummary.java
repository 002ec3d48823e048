package io.sluice.dealstore.blocks;

import io.sluice.protocol.multiformats.Cid;
import java.util.List;

/**
 * How much lies beneath a root.
 *
 * @param blocks distinct blocks that are here
 * @param bytes of their data
 * @param missing links that lead to no block, the first thousand of them
 * @param damaged those of the missing that were found damaged
 */
public record DagSummary(long blocks, long bytes, List<Cid> missing, List<Cid> damaged) {
  /** Copies the lists. */
  public DagSummary {
    missing = List.copyOf(missing);
    damaged = List.copyOf(damaged);
  }

  /** Whether every link leads to a block. */
  public boolean complete() {
    return missing.isEmpty();
  }
}
