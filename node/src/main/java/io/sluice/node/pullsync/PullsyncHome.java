package io.sluice.node.pullsync;

import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.dealstore.blocks.log.LogEntry;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.Delivery;
import io.sluice.protocol.pullsync.Lane;
import java.io.IOException;

/** What a node lets its neighbours see: a port of the server. Called from many threads. */
public interface PullsyncHome {
  /** What came, numbered; always the same one. Opened when it is first asked for. */
  BlockLog log() throws IOException;

  /** Where the blocks are. */
  BlockStore store() throws IOException;

  /**
   * What a peer may read of a lane.
   *
   * @throws PullsyncRefusal if that is nothing
   */
  LaneView view(PeerId peer, Lane lane) throws IOException, PullsyncRefusal;

  /** A lane, as one peer may read it at this moment. */
  interface LaneView {
    /** Whether an entry belongs to the lane, and may be told. */
    boolean holds(LogEntry entry) throws IOException;

    /**
     * Whether a block that was offered may be delivered still. Asked before each block: what was
     * granted can be taken back, and what was listed removed, while a page is on its way.
     */
    Delivery.Status mayRead(Cid block) throws IOException;
  }
}
