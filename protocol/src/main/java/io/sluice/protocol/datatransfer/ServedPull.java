package io.sluice.protocol.datatransfer;

import io.sluice.protocol.graphsync.BlockGate;
import io.sluice.protocol.graphsync.ResponsePosition;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The responder's end of a pull that is being served. Thread-safe; nothing here blocks: messages
 * that need a stream of their own go out behind the caller's back, and the future says when they
 * have been written, or completes exceptionally after the last attempt failed. Messages of one
 * channel that go by stream are sent one after the other.
 */
public interface ServedPull {
  /** Which channel. */
  ChannelId channel();

  /**
   * The gate's answer that stops the walk and says so with the last block: by an update, or where
   * there are results by a voucher result each, which costs no stream.
   *
   * @param results at most two, in different words
   */
  BlockGate.GateDecision demand(List<TypedVoucher> results);

  /**
   * Goes on: a voucher result that says we are not paused, ahead of the next blocks. While the
   * initiator itself is paused nothing moves; then it goes with its resumption.
   */
  void resume(Optional<TypedVoucher> result);

  /** Stops before the next block, and says so. */
  void pause();

  /**
   * Says on a stream that all was sent. To be called once the last GraphSync status has been
   * written ({@link io.sluice.protocol.graphsync.ResponseListener#onFinished}, status 20), and
   * again for a demand and for the end.
   *
   * @param paused whether a last voucher is wanted
   */
  CompletableFuture<Void> complete(boolean paused, Optional<TypedVoucher> result);

  /**
   * Gives up: GraphSync status 35, with a cancel in it. On two ways the status could be read first,
   * and alone it looks like a transfer to be restarted. Where the response has ended before, the
   * cancel goes by stream.
   */
  CompletableFuture<Void> cancel();

  /**
   * Gives up because of a voucher, or for want of one: the GraphSync response ends with a failure
   * that carries the refusing result. On two ways the end could be read first, and Go initiators
   * listen to nothing behind it. Where that response has ended before, the result goes by stream.
   */
  CompletableFuture<Void> refuse(Optional<TypedVoucher> result);

  /**
   * Ends the GraphSync response without a word of this protocol: the channel lives on and can be
   * restarted. Afterwards the response's listener hears no more than that end.
   */
  void close();

  /** Asks the initiator on a stream to restart. */
  CompletableFuture<Void> askRestart();

  /** Where the walk stands. */
  ResponsePosition position();

  /** Whether the walk waits. */
  boolean isPaused();
}
