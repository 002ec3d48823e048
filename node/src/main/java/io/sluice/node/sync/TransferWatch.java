package io.sluice.node.sync;

import io.sluice.node.api.ServiceException;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Runs a push or a pull on a thread of its own, tells how far it is, and ends it when nothing at
 * all moves any more: a server may take a connection and never answer.
 *
 * @param ticker measures the silence
 * @param quiet how long nothing may move; the other end syncs and checks meanwhile
 * @param look how often is looked and told
 */
record TransferWatch(Ticker ticker, Duration quiet, Duration look) {
  static final TransferWatch STANDARD =
      new TransferWatch(Ticker.SYSTEM, Duration.ofMinutes(2), Duration.ofMillis(250));

  /** A push or a pull. */
  interface Work {
    SyncOutcome run() throws Exception;
  }

  SyncOutcome run(Moved moved, Runnable tell, Work work)
      throws IOException, ServiceException, InterruptedException {
    FutureTask<SyncOutcome> task = new FutureTask<>(work::run);
    Thread.ofVirtual().name("dsync").start(task);
    long signs = -1;
    long since = ticker.nanos();
    try {
      while (true) {
        try {
          return task.get(look.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          tell.run();
          if (moved.signs() != signs) {
            signs = moved.signs();
            since = ticker.nanos();
          } else if (ticker.nanos() - since > quiet.toNanos()) {
            throw new ServiceException(
                DealCode.TIMEOUT,
                "nothing has moved for %d s; the same command goes on with what is missing"
                    .formatted(quiet.toSeconds()),
                e);
          }
        }
      }
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } finally {
      task.cancel(true);
    }
  }

  private static ServiceException failure(@Nullable Throwable cause)
      throws IOException, InterruptedException {
    return switch (cause) {
      case ServiceException known -> known;
      case IOException fault -> throw fault;
      case InterruptedException stopped -> throw stopped;
      case RuntimeException fault -> throw fault;
      case Error fault -> throw fault;
      case null, default ->
          throw new IllegalStateException("a transfer throws nothing else", cause);
    };
  }
}
