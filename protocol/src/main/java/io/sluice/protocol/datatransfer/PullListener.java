package io.sluice.protocol.datatransfer;

import io.sluice.protocol.graphsync.RequestListener;

/**
 * Hears how a pull of ours goes: what GraphSync does, and what the responder says. After {@link
 * #onEnd} the responder may still say something, above all that it is done, until {@link
 * Pull#close}.
 */
public interface PullListener extends RequestListener {
  /**
   * The responder says something; the same message under two names counts once, but may come again.
   * {@link TransferEvent#of(TransferResponse)} tells what it means. Called on threads that read
   * from the peer, in no particular order relative to blocks and to other messages; must not block.
   */
  void onTransfer(TransferResponse response);
}
