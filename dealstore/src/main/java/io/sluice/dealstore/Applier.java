package io.sluice.dealstore;

import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.fsm.CrashPoint;
import io.sluice.protocol.Ticker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings durable journal records into the database, in order and in batches, on a thread of its
 * own. When it cannot keep up the journal waits for it, so memory is bounded.
 */
final class Applier implements AutoCloseable {
  /** Records that are durable and not in the tables yet; all of them are in memory. */
  private static final int QUEUE = 4096;

  /** In one transaction: more would make those wait long who need the tables now. */
  private static final int BATCH = 512;

  /**
   * How long a record may wait for company, when nobody asks for the tables. Nothing is lost by it:
   * it is in the journal, and a start after a crash reads a little more of that.
   */
  private static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Changes nothing: whoever waits for the tables sends it to end the gathering. */
  private static final AppliedRecord NOW = new AppliedRecord(0, connection -> {}, () -> {});

  private static final AppliedRecord END =
      new AppliedRecord(Long.MAX_VALUE, connection -> {}, () -> {});

  /**
   * One record on its way into the tables.
   *
   * @param position its number in the journal
   * @param applied is run when the tables have it
   */
  record AppliedRecord(long position, RecordChange change, Runnable applied) {
    AppliedRecord(long position, Database.DatabaseChange change, Runnable applied) {
      this(position, RecordChange.of(change), applied);
    }
  }

  private final Database database;
  private final Consumer<Throwable> fatal;
  private final BlockingQueue<AppliedRecord> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Thread thread;
  private long accepted;
  private long applied;
  private @Nullable IOException failure;

  Applier(Database database, long position, Consumer<Throwable> fatal) {
    this.database = database;
    this.fatal = fatal;
    this.accepted = position;
    this.applied = position;
    this.thread = Thread.ofPlatform().name("store").daemon().start(this::run);
  }

  /** Takes the next record. Called by the journal's writer only, in order. */
  void accept(AppliedRecord item) {
    synchronized (this) {
      accepted = item.position();
    }
    try {
      queue.put(item);
    } catch (InterruptedException e) {
      throw new IllegalStateException("the journal's writer is not interrupted", e);
    }
  }

  /** Throws if the database has failed: from then on nothing may be decided any more. */
  synchronized void check() throws IOException {
    IOException failed = failure;
    if (failed != null) {
      throw StorageFullException.isFull(failed)
          ? new StorageFullException("the store has failed: " + failed.getMessage())
          : new IOException("the store has failed: " + failed.getMessage(), failed);
    }
  }

  /** Waits until the database contains all that was durable when this was called. */
  synchronized void catchUp() throws IOException {
    long target = accepted;
    if (applied < target) {
      boolean unused = queue.offer(NOW); // if there is no room, it does not wait for more either
    }
    try {
      while (applied < target && failure == null) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the store caught up", e);
    }
    check();
  }

  private void run() {
    List<AppliedRecord> batch = new ArrayList<>();
    boolean open = true;
    while (open) {
      try {
        gather(batch);
        open = !batch.remove(END);
        batch.removeIf(NOW::equals);
        apply(batch);
      } catch (IOException e) {
        fail(e);
      } catch (Throwable e) {
        // A change that is wrong, or no memory: who waits is told, and then the process ends. This
        // thread goes on taking records, lest the journal wait for room while it does.
        try {
          fail(new IOException("the store's thread failed: " + e, e));
        } finally {
          fatal.accept(e);
        }
      }
      batch.clear();
    }
  }

  /**
   * Waits for records, and then a little for more of them, since a transaction costs the same for
   * one and for many. Somebody who needs them in the tables ends the waiting.
   */
  private void gather(List<AppliedRecord> batch) throws InterruptedException {
    AppliedRecord next = queue.take();
    long end = Ticker.SYSTEM.nanos() + LINGER_NANOS;
    while (next != null) {
      batch.add(next);
      if (next.equals(END) || next.equals(NOW) || batch.size() >= BATCH) {
        return;
      }
      next = queue.poll(end - Ticker.SYSTEM.nanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void apply(List<AppliedRecord> batch) throws IOException {
    if (batch.isEmpty()) {
      return;
    }
    long last = batch.getLast().position();
    if (failure == null) {
      CrashPoint.TABLES_BEHIND.reached();
      // All in one transaction with their position, so the tables always end at a whole record.
      database.write(
          last,
          connection ->
              RecordChange.applyAll(
                  connection, batch.stream().map(AppliedRecord::change).toList()));
      // First those who keep records at hand until the tables have them, then those who wait.
      batch.forEach(item -> item.applied().run());
      synchronized (this) {
        applied = last;
        notifyAll();
      }
    }
  }

  /** For good: nothing may be decided any more on tables that lack a record. */
  private synchronized void fail(IOException cause) {
    failure = cause;
    notifyAll();
  }

  /** Brings in what was accepted before, and ends. */
  @Override
  public void close() {
    try {
      queue.put(END);
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
