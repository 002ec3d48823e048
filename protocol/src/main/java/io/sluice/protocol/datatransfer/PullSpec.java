package io.sluice.protocol.datatransfer;

import io.sluice.protocol.graphsync.RequestSpec;
import io.sluice.protocol.multiformats.PeerId;

/**
 * What to pull.
 *
 * @param responder who has it
 * @param transfer number of the channel, unsigned; a restart keeps it
 * @param restart whether the channel began before
 * @param voucher why we may have it; a restart repeats it byte for byte
 * @param request root, selector, what is left out, extensions of other protocols; the data-transfer
 *     message is added
 */
public record PullSpec(
    PeerId responder, long transfer, boolean restart, TypedVoucher voucher, RequestSpec request) {}
