package io.sluice.fsm.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The future of an event. To wait for one on a stripe would be to wait for oneself, sooner or
 * later: that is refused aloud instead of standing still for ever.
 */
final class EventFuture<T> extends CompletableFuture<T> {
  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new EventFuture<>();
  }

  @Override
  public T join() {
    refuseOnStripe();
    return super.join();
  }

  @Override
  public T get() throws InterruptedException, ExecutionException {
    refuseOnStripe();
    return super.get();
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    refuseOnStripe();
    return super.get(timeout, unit);
  }

  private void refuseOnStripe() {
    if (!isDone() && Stripe.isCurrentThread()) {
      throw new IllegalStateException("a stripe must not wait for an event");
    }
  }
}
