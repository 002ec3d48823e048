package io.sluice.protocol.graphsync.queue;

import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import java.io.IOException;

/** Whose message it is: a request or a response, told by the writing thread what became of it. */
public interface MessageAuthor {
  /** The request that it is about. */
  RequestId id();

  /** Whether it does not want to say anything any more. */
  boolean isDead();

  /**
   * A message of it has been written.
   *
   * @param status what the message said of the response; of no meaning to a request
   * @param blocks how many blocks of the response it held
   * @param bytes bytes of those blocks
   */
  void written(ResponseStatus status, int blocks, long bytes);

  /** A message of it could not be written, on any attempt. */
  void notWritten(IOException cause);
}
