package io.sluice.protocol.graphsync;

import io.sluice.protocol.multiformats.Cid;

/**
 * The responder's walk at a block that it has.
 *
 * @param number of the visit, from 1 at the root; missing and repeated blocks count
 * @param size bytes of the block
 * @param suppressed whether its bytes stay out of the message: left out by the requestor, or sent
 *     before
 * @param charge what the visit adds to the charged bytes, 0 if nothing
 * @param chargedBefore the charged bytes without it: a function of position and exclusions, see
 *     {@link WalkLedger}
 */
public record BlockVisit(
    Cid cid, long number, int size, boolean suppressed, long charge, long chargedBefore) {

  /** The charged bytes with it. */
  public long chargedAfter() {
    return chargedBefore + charge;
  }
}
