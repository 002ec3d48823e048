package io.sluice.node.sync;

/** A "no" of this node to a peer, in words for the peer. */
public final class SyncRefusal extends Exception {
  private static final long serialVersionUID = 1L;

  /** What kind of "no" it is. */
  public enum RefusalKind {
    /** What was asked for cannot be done, now or later. */
    REFUSED,
    /** What was asked for is sold, and this is no sale. */
    PRICED,
    /** It is more than is taken. */
    TOO_LARGE,
    /** It failed here; the same may be tried again. */
    RETRY
  }

  private final RefusalKind kind;

  /**
   * @param kind what to do about it
   * @param reason for the peer
   */
  public SyncRefusal(RefusalKind kind, String reason) {
    super(reason);
    this.kind = kind;
  }

  /** A "no" that is final. */
  public static SyncRefusal because(String reason) {
    return new SyncRefusal(RefusalKind.REFUSED, reason);
  }

  RefusalKind kind() {
    return kind;
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
