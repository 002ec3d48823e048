package io.sluice.cli;

import io.sluice.node.HomeLock;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.retrieval.DealCode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code sluice stop}: ends the running node and waits until it is gone. */
final class StopCommand extends NodeCommand {
  private static final long LOOK_EVERY_MILLIS = 50;

  @Override
  void run(Output output) throws Exception {
    try (NodeService service = service()) {
      service.stop();
    }
    long patience = config(Map.of()).drain().toMillis() + 15_000;
    for (long waited = 0; waited < patience; waited += LOOK_EVERY_MILLIS) {
      Optional<HomeLock> lock = HomeLock.tryTake(home());
      if (lock.isPresent()) {
        lock.get().close();
        output.object(Map.of("stopped", true), List.of("stopped"));
        return;
      }
      Thread.sleep(LOOK_EVERY_MILLIS);
    }
    throw new ServiceException(DealCode.TIMEOUT, "the node was told to stop and still runs");
  }
}
