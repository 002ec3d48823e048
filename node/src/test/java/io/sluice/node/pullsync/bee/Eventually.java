package io.sluice.node.pullsync.bee;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Looks until something is as it should be, for ten seconds. */
final class Eventually {
  private static final int LOOKS = 5000;

  private Eventually() {}

  static <T> void is(T expected, Callable<T> look) {
    try {
      for (int i = 0; i < LOOKS && !expected.equals(look.call()); i++) {
        LockSupport.parkNanos(2_000_000);
      }
      assertEquals(expected, look.call());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
