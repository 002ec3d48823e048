package io.sluice.cli;

import io.sluice.cli.arguments.Arguments;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import java.util.List;

/** {@code sluice unpin}: asks a node that speaks dsync to keep content no longer. */
final class UnpinCommand extends NodeCommand {
  private String target = "";
  private String at = "";
  private final SharedOptions.BySync bySync = new SharedOptions.BySync();

  @Override
  void declare(Arguments arguments) {
    arguments
        .word("CID", String.class, value -> target = value)
        .says("The root that was pushed there with --pin.")
        .needed("--at=ADDR", String.class, value -> at = value)
        .says(
            "Who keeps it and speaks dsync: an http or https URL, a multiaddr with a peer id, or"
                + " the id alone of a known peer.");
    bySync.declare(arguments);
  }

  @Override
  void run(Output output) throws Exception {
    Requests.SyncRequest request = bySync.request(this, target, at, false);
    try (NodeService service = service()) {
      Reports.UnpinReport unpinned = service.unpinDag(request);
      output.object(
          unpinned, List.of("%s  %s  unpinned".formatted(unpinned.root(), unpinned.peer())));
    }
  }
}
