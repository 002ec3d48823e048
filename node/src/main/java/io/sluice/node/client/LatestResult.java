package io.sluice.node.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResult;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The last result that a provider sent in an attempt, for those who wait for the one they need. */
final class LatestResult {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition came = lock.newCondition();

  @GuardedBy("lock")
  private @Nullable DealResult latest;

  void heard(DealResult result) {
    lock.lock();
    try {
      latest = result;
      came.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The latest result once it has that code; empty if none comes in time. Blocks. */
  Optional<DealResult> with(DealCode code, Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (latest == null || latest.code() != code) {
        if (left <= 0) {
          return Optional.empty();
        }
        left = came.awaitNanos(left);
      }
      return Optional.of(latest);
    } finally {
      lock.unlock();
    }
  }
}
