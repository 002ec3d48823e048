package io.sluice.node.pullsync;

import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Looks until something is as it should be, for as long as the test may take. */
public final class Eventually {
  private static final long PAUSE_NANOS = 1_000_000;

  /** What is to be so. */
  @FunctionalInterface
  public interface Condition {
    /** Whether it is. */
    boolean holds() throws Exception;
  }

  private Eventually() {}

  /** Waits until it is so. */
  public static void until(Condition condition) throws Exception {
    while (!condition.holds()) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** Waits until a look finds that. */
  public static <T> void is(T expected, Callable<T> look) {
    try {
      until(() -> expected.equals(look.call()));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
