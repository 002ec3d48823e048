package io.sluice.node.transfer;

import java.time.Duration;
import java.util.Optional;

/** When a transfer that stopped is tried again. Immutable; each step gives a new plan. */
record RestartPlan(TransferLimits limits, boolean agreed, int failed) {
  static RestartPlan begin(TransferLimits limits, boolean agreed) {
    return new RestartPlan(limits, agreed, 0);
  }

  /** The other end has agreed: it is worth more patience. */
  RestartPlan accepted() {
    return agreed ? this : new RestartPlan(limits, true, 0);
  }

  /** Something moved. */
  RestartPlan moved() {
    return failed == 0 ? this : new RestartPlan(limits, agreed, 0);
  }

  /** An attempt came to nothing. */
  RestartPlan stopped() {
    return new RestartPlan(limits, agreed, failed + 1);
  }

  /** How long to wait before the next attempt; empty if there is none. */
  Optional<Duration> pause() {
    if (failed >= (agreed ? limits.tries() : limits.firstTries())) {
      return Optional.empty();
    }
    Duration wait = limits.pause();
    for (int i = 1; i < failed && wait.compareTo(limits.longestPause()) < 0; i++) {
      wait = wait.multipliedBy(2);
    }
    return Optional.of(wait.compareTo(limits.longestPause()) < 0 ? wait : limits.longestPause());
  }
}
