package io.sluice.protocol.pullsync.bee;

import io.sluice.protocol.ProtocolException;

/** A peer broke the rules of bee's pullsync. */
public final class BadPullsync extends ProtocolException {
  /** The code of all of them. */
  public static final String CODE = "BAD_PULLSYNC";

  private static final long serialVersionUID = 1L;

  private BadPullsync(String message) {
    super(CODE, message);
  }

  /** Says what was wrong. */
  public static BadPullsync because(String message) {
    return new BadPullsync(message);
  }
}
