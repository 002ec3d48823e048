package io.sluice.protocol.graphsync;

import io.sluice.protocol.ipld.Node;
import java.util.Map;

/**
 * Lets blocks of one response pass, or holds them until something has been paid.
 *
 * <p>Asked on the walk's own thread, before each visit that would add to the charged bytes ({@link
 * BlockVisit#charge} is not 0) and before no other. After a restart the walk begins at the root, so
 * blocks that were charged before are asked for again: a gate knows them by {@link
 * BlockVisit#chargedAfter} and lets them pass. It must not block.
 */
@FunctionalInterface
public interface BlockGate {
  /** Lets everything pass. */
  BlockGate OPEN = visit -> GateDecision.PASS;

  /**
   * Decides about the next block. After a pause it is asked again for the same block once {@link
   * OutgoingResponse#resume} was called; a resumption that arrives while it decides is not lost.
   */
  GateDecision before(BlockVisit visit);

  /**
   * Hears that a visit was made and its block, unless suppressed, is queued. Called for every visit
   * of a block that the responder has, free ones too, on the walk's thread; must not block.
   */
  default void after(BlockVisit visit) {}

  /**
   * Decides whether it may be said that all is sent, once it is. After a pause it is asked again,
   * as {@link #before} is.
   */
  default GateDecision end() {
    return GateDecision.PASS;
  }

  /** An answer of the gate. */
  sealed interface GateDecision {
    /** Go on. */
    GateDecision PASS = new Proceed();

    /** Wait. */
    static GateDecision pause(Map<String, Node> extensions) {
      return new Pause(extensions);
    }

    /** Go on. */
    record Proceed() implements GateDecision {}

    /**
     * Wait: what is queued so far goes out with status 15.
     *
     * @param extensions go with that message, such as a demand for payment
     */
    record Pause(Map<String, Node> extensions) implements GateDecision {}
  }
}
