package io.sluice.node.client;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** A clock turned by hand, and what is to be done when it has come so far. */
final class SimulatedTime extends Clock {
  private static final Instant BEGIN = Instant.parse("2026-01-02T03:04:05Z");

  private record Alarm(
      long due, long number, Duration period, Runnable task, ProcessAlarms process) {}

  private final PriorityQueue<Alarm> alarms =
      new PriorityQueue<>(Comparator.comparingLong(Alarm::due).thenComparingLong(Alarm::number));
  private long nanos;
  private long number;

  /** Turns it on, and does what has become due, in order and on this thread. */
  void turn(Duration by) {
    long end = nanos() + by.toNanos();
    for (Alarm due = next(end); due != null; due = next(end)) {
      due.task().run();
      if (!due.period().isZero()) {
        set(due.period(), due.period(), due.task(), due.process());
      }
    }
    synchronized (this) {
      nanos = end;
    }
  }

  private synchronized @Nullable Alarm next(long end) {
    Alarm first = alarms.peek();
    if (first == null || first.due() > end) {
      return null;
    }
    nanos = Math.max(nanos, first.due());
    return alarms.poll();
  }

  synchronized long nanos() {
    return nanos;
  }

  private synchronized boolean set(
      Duration wait, Duration period, Runnable task, ProcessAlarms process) {
    if (process.closed) {
      return false;
    }
    alarms.add(new Alarm(nanos + wait.toNanos(), number++, period, task, process));
    return true;
  }

  private synchronized void forget(ProcessAlarms process) {
    process.closed = true;
    alarms.removeIf(alarm -> alarm.process() == process);
  }

  /** What one process has itself reminded of; it ends with the process. */
  Alarms process() {
    return new ProcessAlarms();
  }

  private final class ProcessAlarms implements Alarms {
    private boolean closed;

    @Override
    public long nanos() {
      return SimulatedTime.this.nanos();
    }

    @Override
    public boolean after(Duration wait, Runnable task) {
      return set(wait, Duration.ZERO, task, this);
    }

    @Override
    public void every(Duration period, Runnable task) {
      set(period, period, task, this);
    }

    @Override
    public void close() {
      forget(this);
    }
  }

  @Override
  public Instant instant() {
    return BEGIN.plusNanos(nanos());
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
