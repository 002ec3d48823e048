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

  /** Its id. */
  RequestId id();

  /** Sends extensions to the responder, in an update. */
  void update(Map<String, Node> extensions);

  /** Ends it: the responder is told if it was asked, and {@link RequestListener#onEnd} follows. */
  void cancel();

  /** Completes with what {@link RequestListener#onEnd} gets, after that call. */
  CompletableFuture<RequestResult> result();
}
