package io.sluice.node.transfer;

import io.sluice.protocol.retrieval.DealCode;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Tries a transfer again where it stopped, ever later, and gives up in the end: one attempt waits
 * at a time, however many losses there are. Thread-safe.
 */
final class Attempts {
  private final Executor workers;
  private final Runnable again;
  private final BiConsumer<DealCode, String> givenUp;

  // Guarded by this.
  private RestartPlan plan;
  private boolean waiting;
  private boolean over;

  /**
   * @param again begins the next attempt
   * @param givenUp hears why there is none
   */
  Attempts(
      TransferLimits limits,
      Executor workers,
      Runnable again,
      BiConsumer<DealCode, String> givenUp) {
    this.workers = workers;
    this.again = again;
    this.givenUp = givenUp;
    this.plan = RestartPlan.begin(limits, false);
  }

  /** The other end has been there: it is worth more patience. */
  synchronized void found() {
    plan = plan.found();
  }

  /** Something moved. */
  synchronized void moved() {
    plan = plan.moved();
  }

  /** Somebody begins an attempt by hand, so none has to wait. */
  synchronized void byHand() {
    plan = plan.moved();
    waiting = false;
  }

  /** Whether the next attempt waits for its time. */
  synchronized boolean isWaiting() {
    return waiting;
  }

  /** There will be no more. */
  synchronized void end() {
    over = true;
  }

  /** An attempt came to nothing: the next one follows after a while, or there is none. */
  void stopped(DealCode code, String why) {
    Optional<Duration> pause;
    synchronized (this) {
      if (over || waiting) {
        return;
      }
      plan = plan.stopped();
      pause = plan.pause();
      waiting = pause.isPresent();
    }
    if (pause.isEmpty()) {
      givenUp.accept(code, why);
      return;
    }
    CompletableFuture.delayedExecutor(pause.get().toMillis(), TimeUnit.MILLISECONDS, workers)
        .execute(
            () -> {
              synchronized (this) {
                if (!waiting) { // somebody has begun it by hand
                  return;
                }
                waiting = false;
              }
              again.run();
            });
  }
}
