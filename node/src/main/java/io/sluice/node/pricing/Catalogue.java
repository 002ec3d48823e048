package io.sluice.node.pricing;

import io.sluice.protocol.multiformats.Cid;
import java.util.Optional;

/**
 * What a node has to offer: a port of the price list. Called from many threads; may read a disk.
 */
@FunctionalInterface
public interface Catalogue {
  /** Facts about imported content; empty if the CID is not the root of any. */
  Optional<Listing> listing(Cid root);

  /**
   * Whether content may be sold at all, at whatever price: somebody wants it here, and nothing of
   * it is missing or damaged.
   */
  default boolean isOffered(Cid cid) {
    return true;
  }

  /**
   * One imported root.
   *
   * @param size bytes of its distinct blocks
   * @param blocks how many these are
   */
  record Listing(long size, long blocks) {}
}
