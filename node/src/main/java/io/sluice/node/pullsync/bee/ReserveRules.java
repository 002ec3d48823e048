package io.sluice.node.pullsync.bee;

import io.sluice.protocol.pullsync.bee.Proximity;
import io.sluice.protocol.retrieval.Bytes32;
import java.util.Set;

/**
 * What a reserve is for; it stands in the reserve's file, so that a change is noticed.
 *
 * @param overlay the address that bins are counted from
 * @param radius chunks of lower bins are not kept; 0 to 31
 * @param batches whose chunks are kept
 */
record ReserveRules(Bytes32 overlay, int radius, Set<Bytes32> batches) {
  ReserveRules {
    batches = Set.copyOf(batches);
  }

  int bin(Bytes32 address) {
    return Proximity.order(overlay, address);
  }

  /** Whether chunks of an address are kept at all. */
  boolean within(Bytes32 address) {
    return bin(address) >= radius;
  }

  /** Whether a chunk that was kept is kept still. */
  boolean keep(Bytes32 address, Bytes32 batch) {
    return within(address) && batches.contains(batch);
  }

  /** Whether bins mean something else than by the rules before. */
  boolean renumbers(ReserveRules before) {
    return !overlay.equals(before.overlay);
  }

  /** Whether chunks are kept that were passed over by the rules before. */
  boolean widens(ReserveRules before) {
    return renumbers(before) || radius < before.radius || !before.batches.containsAll(batches);
  }
}
