package io.sluice.protocol.libp2p;

import java.io.IOException;

/** What a host does with an inbound stream of one protocol. */
@FunctionalInterface
public interface StreamHandler {
  /**
   * Has the conversation. Runs on a virtual thread of its own and may block. On return the stream
   * is closed (which does nothing to one that is closed already); when this throws it is reset.
   */
  void handle(Stream stream) throws IOException;
}
