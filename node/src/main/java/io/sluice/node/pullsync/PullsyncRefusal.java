package io.sluice.node.pullsync;

import io.sluice.protocol.pullsync.PullsyncError;
import java.time.Duration;

/** A "no" of this node to a neighbour, in the words that go out. */
public final class PullsyncRefusal extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient PullsyncError error;

  /** Says this. */
  public PullsyncRefusal(PullsyncError error) {
    super(error.text());
    this.error = error;
  }

  /** One that says no more than why. */
  public static PullsyncRefusal because(PullsyncError.Code code, String text) {
    return new PullsyncRefusal(PullsyncError.of(code, text));
  }

  static PullsyncRefusal later(String text, Duration after) {
    return new PullsyncRefusal(new PullsyncError(PullsyncError.Code.BUSY, text, after, 0));
  }

  PullsyncError error() {
    return error;
  }
}
