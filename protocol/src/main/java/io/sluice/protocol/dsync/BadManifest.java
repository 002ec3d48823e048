package io.sluice.protocol.dsync;

import io.sluice.protocol.ProtocolException;

/** The ways in which manifests, infos and messages are refused. */
public final class BadManifest {
  /** Code of what is malformed. */
  public static final String CODE = "BAD_MANIFEST";

  /** Code of what is over a limit. */
  public static final String TOO_LARGE = "MANIFEST_TOO_LARGE";

  private BadManifest() {}

  static ProtocolException because(String message) {
    return new ProtocolException(CODE, message);
  }

  static ProtocolException tooLarge(String message) {
    return new ProtocolException(TOO_LARGE, message);
  }

  static ProtocolException tooMany(String what, int limit) {
    return tooLarge("more than " + limit + " " + what);
  }
}
