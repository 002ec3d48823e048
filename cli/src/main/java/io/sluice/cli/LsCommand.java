package io.sluice.cli;

import io.sluice.cli.terminal.Table;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.config.Quantities;
import java.util.ArrayList;
import java.util.List;

/** {@code sluice ls}: what is here. */
final class LsCommand extends ServiceCommand {
  @Override
  void run(NodeService service, Output output) throws Exception {
    List<Reports.ContentReport> contents = service.contents();
    output.items(contents, table(contents));
  }

  /** The column of what is amiss is there only where something is. */
  static Table table(List<Reports.ContentReport> contents) {
    boolean amiss = contents.stream().anyMatch(content -> !state(content).isEmpty());
    List<String> headings = new ArrayList<>(List.of("CID", "SIZE", "BLOCKS", "PRICE/MiB", "NAME"));
    if (amiss) {
      headings.add("STATE");
    }
    Table table =
        new Table("nothing is here yet", headings.toArray(String[]::new))
            .figures("SIZE", "BLOCKS", "PRICE/MiB", "STATE");
    for (Reports.ContentReport content : contents) {
      List<Object> row =
          new ArrayList<>(
              List.of(
                  content.cid(),
                  Quantities.show(content.size()),
                  content.blocks(),
                  content.terms().map(terms -> terms.pricePerMiB().toString()).orElse("-"),
                  content.name()));
      if (amiss) {
        row.add(state(content));
      }
      table.row(row.toArray());
    }
    return table;
  }

  private static String state(Reports.ContentReport content) {
    String state = content.damaged() ? "damaged" : content.complete() ? "" : "incomplete";
    return !content.denied() ? state : state.isEmpty() ? "denied" : "denied, " + state;
  }
}
