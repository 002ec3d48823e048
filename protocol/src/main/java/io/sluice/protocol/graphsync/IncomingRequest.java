package io.sluice.protocol.graphsync;

import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import java.util.Map;

/**
 * A peer's request, before it is decided about.
 *
 * @param peer who asks; an id means nothing without it
 * @param root where its walk begins
 * @param selector what its walk takes
 * @param extensions all that came with it, those of GraphSync itself included
 * @param asked what the requestor wants left out of the wire in this very request
 * @param response the handle of the response, of use once the request was accepted
 */
public record IncomingRequest(
    PeerId peer,
    RequestId id,
    Cid root,
    Node selector,
    int priority,
    Map<String, Node> extensions,
    Exclusions asked,
    OutgoingResponse response) {}
