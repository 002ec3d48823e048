package io.sluice.protocol.graphsync;

import io.sluice.protocol.ProtocolException;

/** The errors of this package's decoders. */
final class Malformed {

  private Malformed() {}

  static ProtocolException message(String what) {
    return new ProtocolException("MESSAGE_MALFORMED", what);
  }

  static ProtocolException tooLarge(long length, long limit) {
    return new ProtocolException(
        "MESSAGE_TOO_LARGE", "frame of " + length + " bytes, limit " + limit);
  }

  static ProtocolException truncated(String what) {
    return new ProtocolException("DECODE_TRUNCATED", what);
  }
}
