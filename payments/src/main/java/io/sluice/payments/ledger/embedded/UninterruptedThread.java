package io.sluice.payments.ledger.embedded;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/**
 * A thread that nobody interrupts, for work on files: an interrupt in the middle of an operation
 * closes a {@link java.nio.channels.FileChannel} for everybody, and may leave half a record.
 * Whoever is interrupted while waiting for it learns so afterwards.
 */
final class UninterruptedThread implements AutoCloseable {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("ledger").daemon().factory());

  /** Does the work and waits for it; {@link ClosedChannelException} after {@link #close}. */
  <T> T run(Callable<T> work) throws IOException {
    Future<T> done;
    try {
      done = thread.submit(work);
    } catch (RejectedExecutionException e) {
      throw new ClosedChannelException();
    }
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return done.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw unwrapped(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static IOException unwrapped(ExecutionException e) {
    return switch (e.getCause()) {
      case IOException io -> io;
      case RuntimeException wrong -> throw wrong;
      case Error worse -> throw worse;
      case null, default -> new IOException(e.getCause());
    };
  }

  /** What was begun is done; nothing more is taken. */
  @Override
  public void close() {
    thread.shutdown();
  }
}
