package io.sluice.node.sync;

import io.sluice.node.sync.SyncRefusal.RefusalKind;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of requests' bodies is in memory at once, whoever sends them: taken as bytes arrive, not
 * as they are announced. Thread-safe.
 */
final class BodyBudget {
  private final long most;
  private final AtomicLong taken = new AtomicLong();

  BodyBudget(long most) {
    this.most = most;
  }

  Share share() {
    return new Share();
  }

  /** What one request holds, until it is closed. For one thread. */
  final class Share implements AutoCloseable {
    private long held;

    private Share() {}

    void take(int bytes) throws SyncRefusal {
      held += bytes;
      if (taken.addAndGet(bytes) > most) {
        throw new SyncRefusal(RefusalKind.RETRY, "too much is being sent at once; try again later");
      }
    }

    @Override
    public void close() {
      taken.addAndGet(-held);
    }
  }
}
