package io.sluice.protocol.graphsync;

import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.PeerId;
import java.util.Map;

/**
 * The handle of a response that runs. Thread-safe; nothing here blocks. Calls after the end do
 * nothing. Calls before the request has been accepted count from then on.
 */
public interface OutgoingResponse {
  /** Who asked. */
  PeerId peer();

  /** The requestor's id; an id may be used again once its response has ended. */
  RequestId id();

  /**
   * Goes on after a pause, whoever made it; the gate is asked again. The extensions go out at once,
   * with status 14 and ahead of the blocks.
   */
  void resume(Map<String, Node> extensions);

  /** Stops before the next block; status 15 goes out with these extensions and what is queued. */
  void pause(Map<String, Node> extensions);

  /** Sends extensions without changing anything else. */
  void send(Map<String, Node> extensions);

  /** Ends with status 35, behind what is queued. */
  void cancel();

  /**
   * Ends with a failure, behind what is queued.
   *
   * @param status terminal and no success
   * @return whether that is how it ends: false once it has ended, or its walk is done
   */
  boolean fail(ResponseStatus status, Map<String, Node> extensions);

  /** Where the walk stands, as of the last visit. */
  ResponsePosition position();

  /** Whether the walk waits, for the gate or by {@link #pause}. */
  boolean isPaused();
}
