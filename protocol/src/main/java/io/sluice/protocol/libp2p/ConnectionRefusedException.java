package io.sluice.protocol.libp2p;

import org.jspecify.annotations.Nullable;

/** The machine answered, and nobody listens on that port. */
public final class ConnectionRefusedException extends Libp2pException {
  /**
   * Made by hosts, and by tests that play one.
   *
   * @param message what happened, with the values involved
   */
  public ConnectionRefusedException(String message) {
    super(message);
  }

  /**
   * Made by hosts, and by tests that play one.
   *
   * @param message what happened, with the values involved
   * @param cause what it came from
   */
  public ConnectionRefusedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
