package io.sluice.dealstore.blocks;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has what was put synced a moment later: numbers are told once they are durable, and whoever waits
 * for them would else wait until somebody happens to need a sync. A thread of its own, begun when
 * it is first needed.
 */
final class SyncSoon implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(SyncSoon.class);

  private final Duration settle;
  private final SyncWork work;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile boolean due;
  private boolean begun;
  private boolean closed;

  /** What is done a moment later. */
  @FunctionalInterface
  interface SyncWork {
    void run() throws IOException;
  }

  SyncSoon(Duration settle, SyncWork work) {
    this.settle = settle;
    this.work = work;
  }

  /** There is something to sync. */
  void due() {
    if (due) {
      return;
    }
    lock.lock();
    try {
      due = true;
      changed.signalAll();
      if (!begun && !closed) {
        begun = true;
        Thread.ofPlatform().name("block-log").daemon().start(this::run);
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (await()) {
        try {
          work.run();
        } catch (IOException e) {
          log.debug("whoever asks for the next sync is told", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody does so
    }
  }

  /** Waits until something is due, and then a little; false once closed. */
  private boolean await() throws InterruptedException {
    lock.lock();
    try {
      while (!due && !closed) {
        changed.await();
      }
      long left = settle.toNanos();
      while (left > 0 && !closed) {
        left = changed.awaitNanos(left);
      }
      due = false; // what is put from here on is due again
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
