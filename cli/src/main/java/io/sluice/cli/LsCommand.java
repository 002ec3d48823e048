package io.sluice.cli;

import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.terminal.Table;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.config.Quantities;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.EvmAddress;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code sluice ls}: what is here, or what is in a folder. */
final class LsCommand extends ServiceCommand {
  private @Nullable String target;
  private boolean details;

  @Override
  void declare(Arguments arguments) {
    arguments
        .maybe("CID[/path]", String.class, value -> target = value)
        .says("A folder that is here; without it, all roots are listed.")
        .flag("--long", value -> details = value)
        .says("Look at each entry of the folder: kind, permissions and time, if they are kept.");
  }

  @Override
  void run(NodeService service, Output output) throws Exception {
    if (target != null) {
      FolderLines lines = new FolderLines(surroundings().out(), output.json(), details);
      service.listFolder(new Requests.ListRequest(target, details), Channels.newChannel(lines));
      lines.end();
      return;
    }
    List<Reports.ContentReport> contents = service.contents();
    output.items(contents, table(contents, output.tokens()));
  }

  /** The column of what is amiss is there only where something is. */
  static Table table(List<Reports.ContentReport> contents, Tokens tokens) {
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
                  price(content, tokens),
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

  /** All prices, the best first. */
  private static String price(Reports.ContentReport content, Tokens tokens) {
    return content.prices().stream()
        .map(
            terms ->
                tokens.show(
                    terms.pricePerMiB(),
                    terms.token().map(EvmAddress::parse).orElseGet(tokens::paidIn)))
        .reduce((some, other) -> some + " or " + other)
        .orElse("-");
  }
}
