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

  private CommandDoor(SluiceNode node, NodeService service) {
    keeper = Thread.ofPlatform().name("door").daemon().unstarted(() -> keep(node, service));
  }

  /** A door to an opened home; whoever comes in is answered by this service. */
  static CommandDoor before(SluiceNode node, NodeService service) {
    CommandDoor door = new CommandDoor(node, service);
    door.keeper.start();
    return door;
  }

  private void keep(SluiceNode node, NodeService service) {
    try {
      if (shut.await(SOON_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
      node.network().atLeast(Network.Mode.BUY);
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
    }
  }

  /**
   * From here on nobody finds in; waits until those that came in are done, too: their work is done
   * in this process.
   */
  @Override
  public void close() {
    shut.countDown();
    try {
      keeper.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
