package io.sluice.node.pullsync;

/**
 * What a sync is doing.
 *
 * @param phase in one word
 * @param reason why, for people; empty where that says itself
 */
record PullStanding(PullPhase phase, String reason) {
  /** In one word. */
  enum PullPhase {
    /** No node runs, or it has just begun. */
    STOPPED,
    /** The neighbour is being asked how far it is. */
    CONNECTING,
    /** Something is missing and being fetched. */
    CATCHING_UP,
    /** Nothing is missing; the neighbour says when there is more. */
    IN_SYNC,
    /** It failed and is tried again. */
    RETRYING,
    /** The neighbour said no; it is asked again now and then. */
    REFUSED,
    /** The neighbour sells it, and nothing may be paid. */
    PAYMENT_REQUIRED,
    /** It is being bought. */
    BUYING
  }

  static PullStanding of(PullPhase phase) {
    return new PullStanding(phase, "");
  }
}
