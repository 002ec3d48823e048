package io.sluice.node.output;

import io.sluice.node.api.Faults;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes content to a stream while it is being retrieved. A reader follows the content in its order
 * and waits for each block that is not here yet; blocks are received in the same order, so nothing
 * waits long, and nothing is held but what the store holds anyway. It has threads of its own: on
 * the node's hashing threads, waiting would keep the blocks from being verified that it waits for.
 *
 * <p>Where writing fails, nobody wants the rest: the retrieval is interrupted, which pays for what
 * came and puts the deal aside.
 */
public final class RetrievedStream implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RetrievedStream.class);

  private final ArrivingBlocks blocks;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Future<?> written;

  /** Puts the retrieval aside. */
  @FunctionalInterface
  public interface Interruption {
    /** Puts it aside, and waits until that is done. */
    void run() throws IOException, InterruptedException;
  }

  /**
   * Begins to write, on a thread of its own.
   *
   * @param interruption is asked for when nobody takes the stream any more
   */
  public RetrievedStream(
      BlockStore store, WantedContent wanted, WritableByteChannel out, Interruption interruption) {
    this.blocks = new ArrivingBlocks(store);
    this.written =
        threads.submit(
            () -> {
              try {
                wanted.stream(blocks, threads, out);
                return true;
              } catch (IOException | ServiceException | RuntimeException e) {
                interrupt(interruption);
                throw e;
              }
            });
  }

  private static void interrupt(Interruption interruption) {
    try {
      interruption.run();
    } catch (IOException e) {
      LOG.warn("the retrieval goes on although its output failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Blocks have come. */
  public void arrived() {
    blocks.arrived();
  }

  /** All blocks have come: waits until they are written. Nothing is left out of a stream. */
  public List<String> finish() throws IOException, ServiceException, InterruptedException {
    blocks.end();
    try {
      written.get();
      return List.of();
    } catch (ExecutionException e) {
      throw Faults.of(written.exceptionNow(), "the stream broke off");
    }
  }

  /** Why the retrieval ended before its end: perhaps only since nobody took what it brought. */
  public ServiceException reasonOf(ServiceException end) {
    if (end.code() != DealCode.INTERRUPTED || written.state() != Future.State.FAILED) {
      return end;
    }
    ServiceException broken = Faults.of(written.exceptionNow(), "the stream broke off");
    return new ServiceException(broken.code(), broken.reason() + "; " + end.reason(), broken);
  }

  @Override
  public void close() {
    blocks.end();
    threads.close();
  }
}
