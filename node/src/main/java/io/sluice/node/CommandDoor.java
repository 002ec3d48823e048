package io.sluice.node;

import io.sluice.node.api.NodeService;
import io.sluice.node.http.AdminApi;
import io.sluice.node.http.AdminFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets other commands in while one has the home to itself for long: they would have to wait for its
 * end. Opens after a second, so that a command that is soon done opens nothing.
 */
final class CommandDoor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CommandDoor.class);
  private static final long SOON_SECONDS = 1;

  private final CountDownLatch shut = new CountDownLatch(1);
  private final Thread keeper;

  CommandDoor(NodeService service, SluiceNode node) {
    keeper = Thread.ofVirtual().start(() -> keep(service, node));
  }

  private void keep(NodeService service, SluiceNode node) {
    try {
      do {
        if (shut.await(SOON_SECONDS, TimeUnit.SECONDS)) {
          return;
        }
      } while (!node.share(true));
      // Any free port: the one that is configured may be that of a node on another home.
      try (AdminApi api = AdminApi.start(service, node.config().http().host(), 0, () -> "")) {
        api.file(false).write(node.home().run());
        shut.await();
        AdminFile.remove(node.home().run());
        api.drain();
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("other commands on this home have to wait: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      node.share(false);
    }
  }

  /** From here on nobody finds in; those that are in go on. */
  void shut() {
    shut.countDown();
  }

  /** Whether it is open, is going to be, or somebody is still in. */
  boolean isInUse() {
    return keeper.isAlive();
  }

  /** Waits until those that came in are done, too: their work is done in this process. */
  @Override
  public void close() {
    shut();
    try {
      keeper.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
