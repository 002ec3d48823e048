package io.sluice.protocol.libp2p;

import org.jspecify.annotations.Nullable;

/**
 * The connection beneath a stream ended: the network, the peer's process, or one side's shutdown.
 */
public final class ConnectionLostException extends Libp2pException {
  /**
   * Made by hosts, and by tests that play one.
   *
   * @param message what happened, with the values involved
   */
  public ConnectionLostException(String message) {
    super(message);
  }

  /**
   * Made by hosts, and by tests that play one.
   *
   * @param message what happened, with the values involved
   * @param cause what it came from
   */
  public ConnectionLostException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
