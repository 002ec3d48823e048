package io.sluice.protocol.datatransfer;

import java.util.Optional;

/** Decides about pushes of peers. */
@FunctionalInterface
public interface PushValidator {
  /** Refuses all of them. */
  PushValidator NONE = request -> PushDecision.reject(Optional.empty());

  /**
   * Decides about a request. Called on a virtual thread of the request's own, so it may block; few
   * run at once, further requests are refused, and of one channel one runs after the other. An
   * exception refuses the request without a result.
   */
  PushDecision validate(PushRequest request);
}
