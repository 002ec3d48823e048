package io.sluice.protocol.libp2p;

import org.jspecify.annotations.Nullable;

/** No address to dial, or the network knows no way there. */
public final class UnreachableException extends Libp2pException {
  /**
   * Made by hosts, and by tests that play one.
   *
   * @param message what happened, with the values involved
   */
  public UnreachableException(String message) {
    super(message);
  }

  /**
   * Made by hosts, and by tests that play one.
   *
   * @param message what happened, with the values involved
   * @param cause what it came from
   */
  public UnreachableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
