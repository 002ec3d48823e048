package io.sluice.dealstore.blocks;

import io.sluice.protocol.multiformats.Cid;
import java.nio.file.Path;
import java.util.List;

/**
 * What re-hashing found.
 *
 * @param blocks how many distinct places on disk were hashed
 * @param bytes of their data
 * @param damaged blocks that are not what they should be, found now or before, and nowhere sound;
 *     the store treats them as absent
 * @param missing links that lead to no block, those that lead to a damaged one aside, the first
 *     thousand of them; empty if the whole store was verified
 * @param lost archives served in place that are gone or were changed since they were imported;
 *     their blocks are missing from the next start on, if they are not already
 */
public record VerifyReport(
    long blocks, long bytes, List<Cid> damaged, List<Cid> missing, List<Path> lost) {

  /** Copies the lists. */
  public VerifyReport {
    damaged = List.copyOf(damaged);
    missing = List.copyOf(missing);
    lost = List.copyOf(lost);
  }

  /** Whether nothing is damaged, missing or lost. */
  public boolean sound() {
    return damaged.isEmpty() && missing.isEmpty() && lost.isEmpty();
  }
}
