package io.sluice.protocol.datatransfer;

import java.util.concurrent.CompletableFuture;

/**
 * The initiator's end of a transfer, whichever way the data flow. Thread-safe; nothing here blocks.
 * Futures are as in {@link ServedPull}.
 */
public interface InitiatedTransfer {
  /** Which channel. */
  ChannelId channel();

  /** Gives a voucher, on a stream. */
  CompletableFuture<Void> sendVoucher(TypedVoucher voucher);

  /** Gives up: what GraphSync does for it ends, and a cancel goes on a stream. */
  CompletableFuture<Void> cancel();

  /**
   * Ends without a word to the peer beyond GraphSync's own end; later messages go to {@link
   * TransferHandler}.
   */
  void close();
}
