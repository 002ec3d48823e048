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
   * Pauses: an update on a stream, and the GraphSync request is cancelled on the wire but kept
   * here.
   */
  CompletableFuture<Void> pause();

  /**
   * Goes on after {@link #pause}: the GraphSync request is made again under its id and carries the
   * update.
   */
  void resume();

  /** Gives up: the GraphSync request is cancelled, and a cancel goes on a stream. */
  CompletableFuture<Void> cancel();

  /**
   * Ends without a word to the peer beyond GraphSync's own cancel; later messages go to {@link
   * TransferHandler}.
   */
  void close();
}
