package io.sluice.protocol.graphsync;

import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Node;
import java.util.Map;

/** Who decides about requests of peers: a port of the endpoint's responder. */
public interface IncomingRequests {
  /** Refuses everything: for nodes that only ask. */
  IncomingRequests NONE = request -> RequestDecision.reject(ResponseStatus.REJECTED, Map.of());

  /**
   * Decides about a new request. Called on a virtual thread of the request's own, so it may block;
   * messages of the same peer for the same request wait until it has returned. An exception refuses
   * the request with {@link ResponseStatus#FAILED}.
   *
   * <p>A requestor that resumes after a pause of its own, and one that restarts, sends a new
   * request: the walk begins at the root again. A resumption has the same id as before; what ran
   * under it has ended by then ({@link ResponseListener#onCancelledByPeer}).
   */
  RequestDecision onNew(IncomingRequest request);

  /**
   * Takes the extensions of an update to a request that was accepted. Called on the thread that
   * reads from the peer, so it must not block.
   */
  default void onUpdate(IncomingRequest request, Map<String, Node> extensions) {}
}
