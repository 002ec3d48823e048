package io.sluice.protocol.datatransfer;

import io.sluice.protocol.graphsync.OutgoingRequest;
import java.util.concurrent.CompletableFuture;

/** The initiator's end of a pull. */
public interface Pull extends InitiatedTransfer {
  /** The GraphSync request beneath. */
  OutgoingRequest request();

  /**
   * Pauses: an update on a stream, and the end of the GraphSync request. The pull goes on as it
   * does after a loss, by {@link DataTransfer#open} as a restart: a GraphSync request that was made
   * again under its id would take what is still on its way from before the pause for its answer.
   */
  CompletableFuture<Void> pause();
}
