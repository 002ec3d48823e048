package io.sluice.protocol.datatransfer;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;

/**
 * A peer's request to push, before it is decided about.
 *
 * @param restart whether the channel began before, perhaps in another process
 * @param root where the walk begins
 * @param selector which way it goes, not looked at yet
 * @param voucher why we should take it
 * @param push the responder's end of the channel, of use once the request was accepted
 */
public record PushRequest(
    ChannelId channel,
    boolean restart,
    Cid root,
    Node selector,
    TypedVoucher voucher,
    ReceivedPush push) {}
