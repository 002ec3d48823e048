package io.sluice.protocol.libp2p;

import org.jspecify.annotations.Nullable;

/**
 * Somebody answered who could not be brought to a secured, multiplexed connection: not libp2p,
 * nothing in common, or a broken proof of identity.
 */
public final class HandshakeException extends Libp2pException {
  /**
   * Made by hosts, and by tests that play one.
   *
   * @param message what happened, with the values involved
   */
  public HandshakeException(String message) {
    super(message);
  }

  /**
   * Made by hosts, and by tests that play one.
   *
   * @param message what happened, with the values involved
   * @param cause what it came from
   */
  public HandshakeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
