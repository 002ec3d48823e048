package io.sluice.cli;

import io.sluice.cli.terminal.Arguments;
import io.sluice.node.api.NodeService;
import java.util.List;
import java.util.Map;

/** {@code sluice rm}: forgets a root. */
final class RmCommand extends ServiceCommand {
  private String cid = "";

  @Override
  void declare(Arguments arguments) {
    arguments.word("CID", String.class, value -> cid = value).says("The root.");
  }

  @Override
  void run(NodeService service, Output output) throws Exception {
    service.removeContent(cid);
    output.object(Map.of("cid", cid, "removed", true), List.of("removed " + cid));
  }
}
