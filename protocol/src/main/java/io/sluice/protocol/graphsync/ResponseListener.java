package io.sluice.protocol.graphsync;

import io.sluice.protocol.graphsync.wire.ResponseStatus;
import java.io.IOException;

/**
 * Hears how a response goes. Exactly one of {@link #onFinished}, {@link #onCancelledByPeer} and
 * {@link #onNetworkError} is the last call. Calls come from the walk's thread and from the one that
 * writes to the peer; they must not block.
 */
public interface ResponseListener {
  /** Does not listen. */
  ResponseListener NONE = new ResponseListener() {};

  /**
   * A message has been written.
   *
   * @param blocks how many blocks of this response it held
   * @param bytes bytes of those blocks
   */
  default void onSent(int blocks, long bytes) {}

  /** The walk is at its end; what is queued has yet to be written. */
  default void onWalkEnded(ResponseStatus status, ResponsePosition position) {}

  /**
   * The message with the last status has been written; after {@link OutgoingResponse#cancel} that
   * is 35.
   */
  default void onFinished(ResponseStatus status) {}

  /**
   * The requestor does not want any more of it; nothing is sent, and what was queued is dropped.
   */
  default void onCancelledByPeer() {}

  /** The peer cannot be reached; what was queued is dropped. */
  default void onNetworkError(IOException cause) {}
}
