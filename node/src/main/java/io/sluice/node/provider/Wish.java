package io.sluice.node.provider;

import io.sluice.fsm.EntryHash;
import io.sluice.fsm.MachineId;
import io.sluice.protocol.datatransfer.PullRequest;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Bytes32;
import java.util.Optional;

/**
 * What a proposal turned out to be: what it asks for, and with which money behind it.
 *
 * @param request as it came
 * @param id the deal's name here
 * @param number the deal's number, the client's
 * @param money whether it is about money at all
 * @param opening the opening that came with it
 */
record Wish(PullRequest request, MachineId id, long number, boolean money, Optional<Node> opening) {

  PeerId peer() {
    return request.channel().initiator();
  }

  Optional<Bytes32> openingHash() {
    return opening.map(Wish::hash);
  }

  /** What a deal remembers an opening by. */
  static Bytes32 hash(Node opening) {
    return Bytes32.of(EntryHash.sha256(DagCbor.encode(opening)).bytes());
  }
}
