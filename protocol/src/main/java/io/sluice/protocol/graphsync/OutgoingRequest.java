package io.sluice.protocol.graphsync;

import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.PeerId;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The handle of a request of ours. Thread-safe; nothing here blocks. Calls after the end do
 * nothing.
 */
public interface OutgoingRequest {
  /** Who was asked. */
  PeerId peer();

  /** Its id; resuming keeps it. */
  RequestId id();

  /** Sends extensions to the responder, in an update. */
  void update(Map<String, Node> extensions);

  /**
   * Stops the walk before its next block and tells the responder to stop, which is a cancel on the
   * wire.
   */
  void pause();

  /**
   * Goes on after {@link #pause}: asks again under the same id, leaving out what was walked.
   *
   * @param extensions go with that request, in place of the first one's
   */
  void resume(Map<String, Node> extensions);

  /** Ends it: the responder is told if it was asked, and {@link RequestListener#onEnd} follows. */
  void cancel();

  /** Completes with what {@link RequestListener#onEnd} gets, after that call. */
  CompletableFuture<RequestResult> result();
}
