package io.sluice.protocol.retrieval;

import io.sluice.protocol.ipld.NodeCodec;

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

  /** By number; those that are not known count as {@link #ERROR}. */
  static NodeCodec<Availability> as(NodeCodec<Long> number) {
    return number.as(Availability::of, status -> (long) status.code);
  }

  private static Availability of(long code) {
    return code == 0 ? AVAILABLE : code == 1 ? UNAVAILABLE : ERROR;
  }
}
