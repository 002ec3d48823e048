package io.sluice.cli;

import io.sluice.cli.terminal.Arguments;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import java.util.List;

/** {@code sluice stat}: one root. */
final class StatCommand extends ServiceCommand {
  private String cid = "";

  @Override
  void declare(Arguments arguments) {
    arguments.word("CID", String.class, value -> cid = value).says("The root.");
  }

  @Override
  void run(NodeService service, Output output) throws Exception {
    Reports.ContentReport content = service.stat(cid);
    output.object(content, List.of(LsCommand.table(List.of(content))));
  }
}
