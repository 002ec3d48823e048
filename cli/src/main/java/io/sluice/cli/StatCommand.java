package io.sluice.cli;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sluice stat}: one root. */
@Command(name = "stat", description = "Count what lies beneath a CID.")
final class StatCommand extends ServiceCommand {
  @Parameters(paramLabel = "CID", description = "The root.")
  String cid = "";

  @Override
  void run(NodeService service, Output output) throws Exception {
    Reports.ContentReport content = service.stat(cid);
    output.object(content, List.of(LsCommand.table(List.of(content))));
  }
}
