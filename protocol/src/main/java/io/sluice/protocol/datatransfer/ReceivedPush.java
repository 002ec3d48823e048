package io.sluice.protocol.datatransfer;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The responder's end of a push. Thread-safe; nothing here blocks. Futures are as in {@link
 * ServedPull}. Before the request was accepted, and after the end, what concerns GraphSync does
 * nothing.
 */
public interface ReceivedPush {
  /** Which channel. */
  ChannelId channel();

  /**
   * Pauses: an update on a stream, and the end of the GraphSync request. The push goes on when its
   * initiator begins it again, for which it can be asked.
   */
  CompletableFuture<Void> pause();

  /** Answers a voucher, or demands one, on a stream. */
  CompletableFuture<Void> sendResult(
      boolean accepted, boolean paused, Optional<TypedVoucher> result);

  /**
   * Says on a stream that all has come.
   *
   * @param paused whether a last voucher is wanted
   */
  CompletableFuture<Void> complete(boolean paused, Optional<TypedVoucher> result);

  /** Gives up: the GraphSync request is cancelled, and a cancel goes on a stream. */
  CompletableFuture<Void> cancel();

  /** Gives up with a reason: as {@link #cancel}, with a refusing result in place of the cancel. */
  CompletableFuture<Void> refuse(Optional<TypedVoucher> result);

  /** Asks the initiator on a stream to restart. */
  CompletableFuture<Void> askRestart();

  /** Ends the GraphSync request without a word of this protocol: the channel can be restarted. */
  void close();
}
