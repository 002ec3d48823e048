package io.sluice.node.pricing;

import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealCode;
import java.util.Optional;

/**
 * What a node has to offer: a port of the price list. Called from many threads; may read a disk.
 */
@FunctionalInterface
public interface Catalogue {
  /** Facts about imported content; empty if the CID is not the root of any. */
  Optional<Listing> listing(Cid root);

  /**
   * Why content may not be sold, at whatever price: {@code NOT_FOUND} if nobody wants it here any
   * more, or some of it is missing; {@code DAMAGED}. Empty if it may.
   */
  default Optional<DealCode> withheld(Cid cid) {
    return Optional.empty();
  }

  /**
   * One imported root.
   *
   * @param size bytes of its distinct blocks
   * @param blocks how many these are
   */
  record Listing(long size, long blocks) {}
}
