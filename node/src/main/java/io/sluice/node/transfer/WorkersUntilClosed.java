package io.sluice.node.transfer;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Workers of a node that may close under a transfer: what is to be done then is dropped. Nothing is
 * lost by it, since the channels go on with the next start.
 *
 * @param workers they are asked first whether they were shut down
 */
record WorkersUntilClosed(Executor workers) implements Executor {
  private static final Logger LOG = LoggerFactory.getLogger(WorkersUntilClosed.class);

  @Override
  public void execute(Runnable task) {
    if (workers instanceof ExecutorService service && service.isShutdown()) {
      LOG.debug("too late: the node closes");
      return;
    }
    try {
      workers.execute(task);
    } catch (RejectedExecutionException e) { // shut down since
      LOG.debug("too late: {}", e.toString());
    }
  }
}
