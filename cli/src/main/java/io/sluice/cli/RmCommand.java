package io.sluice.cli;

import io.sluice.node.api.NodeService;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sluice rm}: forgets a root. */
@Command(name = "rm", description = "Forget a root: it is not listed and not offered any more.")
final class RmCommand extends ServiceCommand {
  @Parameters(paramLabel = "CID", description = "The root.")
  String cid = "";

  @Override
  void run(NodeService service, Output output) throws Exception {
    service.removeContent(cid);
    output.object(Map.of("cid", cid, "removed", true), List.of("removed " + cid));
  }
}
