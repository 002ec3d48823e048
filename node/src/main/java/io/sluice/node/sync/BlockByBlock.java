package io.sluice.node.sync;

import io.sluice.node.api.ServiceException;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Does something for each of many blocks, a few at a time, each as often as it takes; the first
 * that cannot be done ends it. For peers that know no archives, and for the rest that an archive
 * does not bring.
 *
 * @param retries for each block
 */
record BlockByBlock(Retries retries) {
  /** Enough that a long way costs little; each is a connection. */
  private static final int SIDE_BY_SIDE = 4;

  /** What is done for a block. */
  interface BlockAct {
    void run(Cid cid) throws IOException, ServiceException, InterruptedException;
  }

  void run(Collection<Cid> blocks, BlockAct act) throws ServiceException, InterruptedException {
    Queue<Cid> waiting = new ConcurrentLinkedQueue<>(blocks);
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      ExecutorCompletionService<Boolean> done = new ExecutorCompletionService<>(workers);
      for (int i = 0; i < SIDE_BY_SIDE; i++) {
        done.submit(() -> work(waiting, act));
      }
      try {
        for (int i = 0; i < SIDE_BY_SIDE; i++) {
          done.take().get();
        }
      } catch (ExecutionException e) {
        throw failure(e.getCause());
      } finally {
        workers.shutdownNow();
      }
    }
  }

  private boolean work(Queue<Cid> waiting, BlockAct act)
      throws ServiceException, InterruptedException {
    for (Cid cid = waiting.poll(); cid != null; cid = waiting.poll()) {
      Cid next = cid;
      retries.until(
          () -> {
            act.run(next);
            return next;
          });
    }
    return true;
  }

  private static ServiceException failure(@Nullable Throwable cause) throws InterruptedException {
    return switch (cause) {
      case ServiceException known -> known;
      case InterruptedException stopped -> throw stopped;
      case RuntimeException fault -> throw fault;
      case Error fault -> throw fault;
      case null, default ->
          throw new IllegalStateException("a block's act throws nothing else", cause);
    };
  }
}
