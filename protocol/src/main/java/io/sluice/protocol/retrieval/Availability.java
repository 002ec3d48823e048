package io.sluice.protocol.retrieval;

/** Whether a provider serves some content. */
public enum Availability {
  /** It does. */
  AVAILABLE(0),
  /** It does not. */
  UNAVAILABLE(1),
  /** It cannot say; the message tells why. */
  ERROR(2);

  private final int code;

  Availability(int code) {
    this.code = code;
  }

  /** The number on the wire. */
  int code() {
    return code;
  }

  static Availability of(long code) {
    return code == 0 ? AVAILABLE : code == 1 ? UNAVAILABLE : ERROR;
  }
}
