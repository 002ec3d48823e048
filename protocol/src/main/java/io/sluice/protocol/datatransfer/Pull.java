package io.sluice.protocol.datatransfer;

import io.sluice.protocol.graphsync.OutgoingRequest;
import java.util.concurrent.CompletableFuture;

/**
 * The initiator's end of a pull. Thread-safe; nothing here blocks. Futures are as in {@link
 * ServedPull}.
 */
public interface Pull {
  /** Which channel. */
  ChannelId channel();

  /** The GraphSync request beneath. */
  OutgoingRequest request();

  /** Gives a voucher, on a stream. */
  CompletableFuture<Void> sendVoucher(TypedVoucher voucher);

  /**
   * Pauses: an update on a stream, and the end of the GraphSync request. The pull goes on as it
   * does after a loss, by {@link DataTransfer#open} as a restart: a GraphSync request that was made
   * again under its id would take what is still on its way from before the pause for its answer.
   */
  CompletableFuture<Void> pause();

  /** Gives up: the GraphSync request is cancelled, and a cancel goes on a stream. */
  CompletableFuture<Void> cancel();

  /**
   * Ends without a word to the peer beyond GraphSync's own cancel; later messages go to {@link
   * TransferHandler}.
   */
  void close();
}
