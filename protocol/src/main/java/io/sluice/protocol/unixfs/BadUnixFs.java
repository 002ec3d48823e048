package io.sluice.protocol.unixfs;

import io.sluice.protocol.ProtocolException;

/** The one way in which DAGs are refused that are not files or directories. */
final class BadUnixFs {
  static final String CODE = "BAD_UNIXFS";

  private BadUnixFs() {}

  static ProtocolException because(String message) {
    return new ProtocolException(CODE, message);
  }

  static ProtocolException because(String message, ProtocolException inner) {
    return new ProtocolException(CODE, message + ": " + inner.getMessage(), inner);
  }
}
