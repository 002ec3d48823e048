package io.sluice.node.transfer;

import io.sluice.protocol.DoublingPause;
import java.time.Duration;
import java.util.Optional;

/** When a transfer that stopped is tried again. Immutable; each step gives a new plan. */
record RestartPlan(TransferLimits limits, boolean reached, int failed) {
  static RestartPlan begin(TransferLimits limits, boolean reached) {
    return new RestartPlan(limits, reached, 0);
  }

  /** The other end has been there: it is worth more patience. */
  RestartPlan found() {
    return reached ? this : new RestartPlan(limits, true, 0);
  }

  /** Something moved. */
  RestartPlan moved() {
    return failed == 0 ? this : new RestartPlan(limits, reached, 0);
  }

  /** An attempt came to nothing. */
  RestartPlan stopped() {
    return new RestartPlan(limits, reached, failed + 1);
  }

  /** How long to wait before the next attempt; empty if there is none. */
  Optional<Duration> pause() {
    if (failed >= (reached ? limits.tries() : limits.firstTries())) {
      return Optional.empty();
    }
    return Optional.of(new DoublingPause(limits.pause(), limits.longestPause()).after(failed));
  }
}
