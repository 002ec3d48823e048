package io.sluice.cli;

import io.sluice.cli.terminal.Table;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.config.Quantities;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code sluice ls}: what is here. */
@Command(name = "ls", description = "List the content that is here.")
final class LsCommand extends ServiceCommand {
  @Override
  void run(NodeService service, Output output) throws Exception {
    List<Reports.ContentReport> contents = service.contents();
    output.items(contents, table(contents));
  }

  static Table table(List<Reports.ContentReport> contents) {
    Table table = new Table("nothing is here yet", "CID", "SIZE", "BLOCKS", "PRICE/MiB", "NAME");
    for (Reports.ContentReport content : contents) {
      table.row(
          content.cid(),
          Quantities.show(content.size())
              + (content.damaged() ? " (damaged)" : content.complete() ? "" : " (incomplete)"),
          content.blocks(),
          content.terms().map(terms -> terms.pricePerMiB().toString()).orElse("-"),
          content.name());
    }
    return table;
  }
}
