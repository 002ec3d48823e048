package io.sluice.protocol.datatransfer;

import java.util.concurrent.CompletableFuture;

/** The initiator's end of a push. */
public interface Push extends InitiatedTransfer {
  /** Completes when the request is written, exceptionally after the last attempt failed. */
  CompletableFuture<Void> opened();

  /** Pauses: an update on a stream, and no block goes out before {@link #resume}. */
  CompletableFuture<Void> pause();

  /** Goes on after {@link #pause}: the update goes ahead of the next blocks. */
  void resume();
}
