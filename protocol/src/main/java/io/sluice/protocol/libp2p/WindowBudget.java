package io.sluice.protocol.libp2p;

import java.util.concurrent.atomic.AtomicLong;

/** The memory by which all windows of a host together may have grown. Safe for all threads. */
final class WindowBudget {
  private final AtomicLong free;

  WindowBudget(long bytes) {
    free = new AtomicLong(bytes);
  }

  /** Takes all of it, or nothing. */
  boolean tryTake(long bytes) {
    long before = free.get();
    while (before >= bytes) {
      if (free.compareAndSet(before, before - bytes)) {
        return true;
      }
      before = free.get();
    }
    return false;
  }

  void giveBack(long bytes) {
    free.addAndGet(bytes);
  }

  long free() {
    return free.get();
  }
}
