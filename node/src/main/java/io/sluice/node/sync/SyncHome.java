package io.sluice.node.sync;

import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What dsync asks of the node: who may what, where blocks are, and what happens to a push. */
public interface SyncHome {
  /** Who brings this token; a stranger if it is none of ours, or there is none. */
  SyncCaller caller(Optional<String> token) throws IOException;

  /** Who a peer is. */
  SyncCaller caller(PeerId peer) throws IOException;

  /**
   * The gate of all reading: a block may be read by whom it is free for or who was granted it, and
   * only beneath a root that he may read.
   *
   * @return of the first block that the caller may not read, why: its terms; empty if he may all
   */
  Optional<String> unreadable(SyncCaller caller, List<Cid> blocks) throws IOException;

  /** Gives and takes blocks. */
  BlockStore store() throws IOException;

  /**
   * Why there is no room for more.
   *
   * @param arriving bytes that sessions which are not complete have brought
   */
  Optional<String> lacksRoom(long arriving) throws IOException;

  /**
   * All of a push is here and synced; called again where it could not be completed.
   *
   * @param pin whether it is to stay until it is removed
   * @throws SyncRefusal if it is not the whole of what lies beneath the root
   */
  void received(SyncCaller from, Cid root, boolean pin) throws IOException, SyncRefusal;

  /** Takes a root off the list; false if it does not stand there. */
  boolean remove(Cid root) throws IOException;
}
