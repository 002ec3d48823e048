package io.sluice.protocol.datatransfer;

import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.RequestDecision;

/** Hears how a push of ours goes: what the responder says, and that it asks for the data. */
public interface PushListener {
  /**
   * The responder says something, by stream or inside its GraphSync request; {@link
   * TransferEvent#of(TransferResponse)} tells what it means. May come again, and in any order
   * relative to the blocks. Must not block.
   */
  void onTransfer(TransferResponse response);

  /**
   * The responder asks for the data, again after each restart and each pause of its own; what it
   * asks for has been compared with what is pushed. Called on a thread of the request's own.
   *
   * @param asked what it leaves out of the wire, since it has that
   * @return how it is served: the store, and who hears of it. An exception refuses the request
   */
  RequestDecision.Serve onAsked(Exclusions asked);
}
