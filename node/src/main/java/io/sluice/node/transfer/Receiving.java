package io.sluice.node.transfer;

import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/** What the manager of transfers asks of the node that receives: who may push, and where to. */
public interface Receiving {
  /**
   * What a peer may push.
   *
   * @param max bytes that one push of its may bring; empty for no bound but the node's own
   */
  record ReceiveRule(OptionalLong max) {}

  /** What a peer may push; empty if nothing. */
  Optional<ReceiveRule> rule(PeerId peer) throws IOException;

  /**
   * Why there is no room for a push, or for more of those under way.
   *
   * @param arriving bytes of pushes that are not complete yet, which have come
   * @param claimed what another one is said to bring, or 0
   */
  Optional<String> lacksRoom(long arriving, long claimed) throws IOException;

  /** Takes the blocks. */
  BlockStore store() throws IOException;

  /** All of a push is here and synced. Called again after a crash. */
  void received(PeerId from, Cid root) throws IOException;
}
