package io.sluice.protocol.libp2p;

import org.jspecify.annotations.Nullable;

/** One of this host's own limits stands in the way: too many connections or streams. */
public final class LimitExceededException extends Libp2pException {
  /**
   * Made by hosts, and by tests that play one.
   *
   * @param message what happened, with the values involved
   */
  public LimitExceededException(String message) {
    super(message);
  }

  /**
   * Made by hosts, and by tests that play one.
   *
   * @param message what happened, with the values involved
   * @param cause what it came from
   */
  public LimitExceededException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
