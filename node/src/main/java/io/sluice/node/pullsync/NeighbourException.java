package io.sluice.node.pullsync;

import java.time.Duration;

/** A neighbour did not answer a request as it should have, or refused it. */
final class NeighbourException extends Exception {
  private static final long serialVersionUID = 1;

  /** What is to become of it. */
  enum Kind {
    /** Its numbers begin anew: what is known of them is void. */
    OTHER_EPOCH,
    /** It has more to do than it can; later. */
    BUSY,
    /** This node may not read that there. */
    REFUSED,
    /** It is to be had for money. */
    PAYMENT_REQUIRED,
    /** It says what cannot be. */
    WRONG
  }

  private final Kind kind;
  private final transient Duration after;

  NeighbourException(Kind kind, String message, Duration after) {
    super(message);
    this.kind = kind;
    this.after = after;
  }

  Kind kind() {
    return kind;
  }

  /** How long not to ask again; zero for whenever. */
  Duration after() {
    return after;
  }
}
