package io.sluice.protocol.libp2p;

import org.jspecify.annotations.Nullable;

/**
 * Nothing came in the time allowed: no answer to a dial, a handshake or a ping, or no byte on an
 * idle stream.
 */
public final class TimedOutException extends Libp2pException {
  /**
   * Made by hosts, and by tests that play one.
   *
   * @param message what happened, with the values involved
   */
  public TimedOutException(String message) {
    super(message);
  }

  /**
   * Made by hosts, and by tests that play one.
   *
   * @param message what happened, with the values involved
   * @param cause what it came from
   */
  public TimedOutException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
