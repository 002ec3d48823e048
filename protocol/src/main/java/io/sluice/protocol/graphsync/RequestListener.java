package io.sluice.protocol.graphsync;

import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Node;
import java.util.Map;

/** Hears how a request goes. {@link #onEnd} is the last call and comes exactly once. */
public interface RequestListener {
  /**
   * The request is about to go out.
   *
   * @param wire what it leaves out: as asked, or as counted in the store
   */
  default void onSending(Exclusions wire) {}

  /**
   * A message of the response has arrived; its blocks come later, by {@link #onVisit}. Called on
   * the thread that reads from the peer, in the order of the messages, possibly while the walk is
   * still busy with earlier ones; must not block.
   *
   * @param extensions what came with it, possibly nothing
   */
  default void onResponse(ResponseStatus status, Map<String, Node> extensions) {}

  /**
   * The walk has made a visit. Called on the walk's thread, in the order of the walk; it may block,
   * which slows the peer down.
   */
  default void onVisit(VisitReport visit) {}

  /** The request is over. */
  void onEnd(RequestResult result);
}
