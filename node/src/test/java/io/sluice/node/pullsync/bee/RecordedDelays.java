package io.sluice.node.pullsync.bee;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Notes how long something would have waited, and does it at once. */
final class RecordedDelays implements Delays {
  final List<Duration> waits = new CopyOnWriteArrayList<>();

  @Override
  public Pending after(Duration wait, Runnable task) {
    waits.add(wait);
    Thread.startVirtualThread(task);
    return () -> {};
  }
}
