package io.sluice.protocol.pullsync;

import io.sluice.protocol.ProtocolException;

/** The way in which messages are refused that are well formed and say what cannot be. */
public final class BadPullsync {
  /** Code of it. */
  public static final String CODE = "BAD_PULLSYNC";

  private BadPullsync() {}

  /** A message that breaks the rules of the protocol. */
  public static ProtocolException because(String message) {
    return new ProtocolException(CODE, message);
  }
}
