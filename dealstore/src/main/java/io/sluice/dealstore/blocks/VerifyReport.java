package io.sluice.dealstore.blocks;

import io.sluice.protocol.multiformats.Cid;
import java.util.List;

/**
 * What re-hashing found.
 *
 * @param blocks how many distinct places on disk were hashed
 * @param bytes of their data
 * @param faults blocks that are not what they should be; from now on the store treats them as
 *     absent
 * @param missing links that lead to no block, the first thousand of them; empty if the whole store
 *     was verified
 */
public record VerifyReport(long blocks, long bytes, List<BlockFault> faults, List<Cid> missing) {

  /** Copies the lists. */
  public VerifyReport {
    faults = List.copyOf(faults);
    missing = List.copyOf(missing);
  }

  /** Whether nothing is damaged or missing. */
  public boolean sound() {
    return faults.isEmpty() && missing.isEmpty();
  }
}
