package io.sluice.protocol.libp2p;

import org.jspecify.annotations.Nullable;

/**
 * Somebody answered who could not be brought to a secured, multiplexed connection: not libp2p,
 * nothing in common, or a broken proof of identity.
 */
public final class HandshakeException extends Libp2pException {
  private final boolean cutOff;

  /**
   * Made by hosts, and by tests that play one.
   *
   * @param message what happened, with the values involved
   */
  public HandshakeException(String message) {
    this(message, null);
  }

  /**
   * Made by hosts, and by tests that play one.
   *
   * @param message what happened, with the values involved
   * @param cause what it came from
   */
  public HandshakeException(String message, @Nullable Throwable cause) {
    this(message, cause, false);
  }

  private HandshakeException(String message, @Nullable Throwable cause, boolean cutOff) {
    super(message, cause);
    this.cutOff = cutOff;
  }

  static HandshakeException cutOff(String message, @Nullable Throwable cause) {
    return new HandshakeException(message, cause, true);
  }

  /** Whether the peer hung up without a reason, as one does that has too much to do. */
  boolean isCutOff() {
    return cutOff;
  }
}
