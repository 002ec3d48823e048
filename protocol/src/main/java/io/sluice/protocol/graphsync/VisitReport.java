package io.sluice.protocol.graphsync;

import io.sluice.protocol.multiformats.Cid;

/**
 * One visit of the requestor's walk, verified: the link is the one that the walk expects there, and
 * the bytes hash to it and are in the store (durable only once the store has been synced).
 *
 * @param number of the visit in the responder's walk, from 1 at the root; 0 beneath a branch that
 *     the responder lacked
 * @param size bytes of the block, 0 if it is missing at both ends
 * @param wireBytes bytes that came for it; 0 if it was here already or was left out
 * @param missing whether the block is at neither end
 * @param charge what the visit adds to the charged bytes
 * @param charged the charged bytes with it: the same number as at the responder, see {@link
 *     WalkLedger}
 */
public record VisitReport(
    Cid cid, long number, int size, int wireBytes, boolean missing, long charge, long charged) {}
