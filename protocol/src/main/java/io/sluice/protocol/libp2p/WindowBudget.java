package io.sluice.protocol.libp2p;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that the windows of all streams of a host may promise together. Growing windows leave
 * half of it to new streams, and a peer that opens very many leaves an eighth to others. Safe for
 * all threads.
 */
final class WindowBudget {
  private final long total;
  private final AtomicLong free;

  WindowBudget(long bytes) {
    total = bytes;
    free = new AtomicLong(bytes);
  }

  /** Takes all of it for a new stream, or nothing. */
  boolean tryTake(long bytes) {
    return tryTake(bytes, 0);
  }

  /** Takes all of it for a stream of a crowd, or nothing. */
  boolean tryCrowd(long bytes) {
    return tryTake(bytes, total / 8);
  }

  /** Takes all of it for a stream that has a window already, or nothing. */
  boolean tryGrow(long bytes) {
    return tryTake(bytes, total / 2);
  }

  private boolean tryTake(long bytes, long leave) {
    long before = free.get();
    while (before - bytes >= leave) {
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

  /** What is promised. */
  long taken() {
    return total - free.get();
  }

  long free() {
    return free.get();
  }
}
