package io.sluice.protocol.datatransfer;

import java.util.concurrent.CompletableFuture;

/**
 * The initiator's end of a push. Thread-safe; nothing here blocks. Futures are as in {@link
 * ServedPull}.
 */
public interface Push {
  /** Which channel. */
  ChannelId channel();

  /** Completes when the request is written, exceptionally after the last attempt failed. */
  CompletableFuture<Void> opened();

  /** Gives a voucher, on a stream. */
  CompletableFuture<Void> sendVoucher(TypedVoucher voucher);

  /** Pauses: an update on a stream, and no block goes out before {@link #resume}. */
  CompletableFuture<Void> pause();

  /** Goes on after {@link #pause}: the update goes ahead of the next blocks. */
  void resume();

  /** Gives up: the GraphSync response ends, and a cancel goes on a stream. */
  CompletableFuture<Void> cancel();

  /**
   * Ends without a word to the peer beyond GraphSync's own end; later messages go to {@link
   * TransferHandler}.
   */
  void close();
}
