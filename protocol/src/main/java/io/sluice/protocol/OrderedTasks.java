package io.sluice.protocol;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Runs tasks side by side and hands on their results in the order of the tasks: hashing uses every
 * core while blocks are still written one after the other. A bounded number of tasks is under way;
 * who submits more waits for the oldest. For one submitting thread, on which results are handed on
 * too.
 *
 * @param <T> what a task makes
 */
public final class OrderedTasks<T> implements AutoCloseable {
  private final ExecutorService pool;
  private final int limit;
  private final ResultConsumer<T> sink;
  private final Deque<Future<T>> underWay = new ArrayDeque<>();

  /**
   * Takes results in order.
   *
   * @param <T> what a task makes
   */
  @FunctionalInterface
  public interface ResultConsumer<T> {
    /** Takes one result. */
    void accept(T result) throws IOException;
  }

  /**
   * @param pool where tasks run
   * @param limit most tasks under way at once, and so most results held
   * @param sink where results go
   */
  public OrderedTasks(ExecutorService pool, int limit, ResultConsumer<T> sink) {
    this.pool = pool;
    this.limit = limit;
    this.sink = sink;
  }

  /**
   * Starts a task, after the oldest has ended if the limit is reached.
   *
   * @throws IOException what an earlier task or the sink threw
   */
  public void submit(Callable<T> task) throws IOException {
    if (underWay.size() >= limit) {
      handOnOldest();
    }
    underWay.add(pool.submit(task));
  }

  /**
   * Waits for all that is under way.
   *
   * @throws IOException what a task or the sink threw
   */
  public void finish() throws IOException {
    while (!underWay.isEmpty()) {
      handOnOldest();
    }
  }

  /** Gives up what is still under way. */
  @Override
  public void close() {
    underWay.forEach(task -> task.cancel(false));
    underWay.clear();
  }

  private void handOnOldest() throws IOException {
    try {
      sink.accept(underWay.remove().get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException stopped = new InterruptedIOException("interrupted while hashing");
      stopped.initCause(e);
      throw stopped;
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }
}
