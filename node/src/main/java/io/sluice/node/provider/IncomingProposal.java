package io.sluice.node.provider;

import io.sluice.fsm.EntryHash;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderOrder;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.PullRequest;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Bytes32;
import java.time.Instant;
import java.util.Optional;

/**
 * What a proposal turned out to be: what it asks for, and with which money behind it.
 *
 * @param request as it came
 * @param id the deal's name here
 * @param number the deal's number, the client's
 * @param paid whether it is about money at all
 * @param opening the opening that came with it
 */
record IncomingProposal(
    PullRequest request, MachineId id, long number, boolean paid, Optional<Node> opening) {

  PeerId peer() {
    return request.channel().initiator();
  }

  ChannelId channel() {
    return request.channel();
  }

  Optional<Bytes32> openingHash() {
    return opening.map(IncomingProposal::hash);
  }

  /** What a deal remembers an opening by. */
  static Bytes32 hash(Node opening) {
    return Bytes32.of(EntryHash.sha256(DagCbor.encode(opening)).bytes());
  }

  /** The deal that it proposes. */
  ProviderDeal deal(Instant now) {
    return ProviderDeal.proposed(order(), channel().transfer(), now);
  }

  /** What it orders. */
  ProviderOrder order() {
    return new ProviderOrder(
        peer(), number, request.root(), request.selector(), LeftOut.of(request.asked()), paid);
  }
}
