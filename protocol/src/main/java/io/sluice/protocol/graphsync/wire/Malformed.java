package io.sluice.protocol.graphsync.wire;

import io.sluice.protocol.ProtocolException;

/** The errors of GraphSync's decoders. */
public final class Malformed {
  private Malformed() {}

  /** A message that breaks the schema. */
  public static ProtocolException message(String what) {
    return new ProtocolException("MESSAGE_MALFORMED", what);
  }

  /** A frame that is longer than allowed. */
  public static ProtocolException tooLarge(long length, long limit) {
    return new ProtocolException(
        "MESSAGE_TOO_LARGE", "frame of " + length + " bytes, limit " + limit);
  }
}
