package io.sluice.cli;

import io.sluice.cli.terminal.Table;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sluice deny}: what is not served, and who is not. */
@Command(
    name = "deny",
    description = "Content that is not served, and peers that are not.",
    subcommands = {DenyCommand.DenyAdd.class, DenyCommand.DenyRm.class, DenyCommand.DenyLs.class})
final class DenyCommand extends Group {
  static Table table(List<Reports.DenyReport> denied) {
    Table table = new Table("nothing is denied", "KIND", "NAME");
    denied.forEach(each -> table.row(each.kind(), each.name()));
    return table;
  }

  /** {@code sluice deny add}. */
  @Command(name = "add", description = "Serve a block, or a peer, nothing any more.")
  static final class DenyAdd extends ServiceCommand {
    @Parameters(paramLabel = "CID|PEER", description = "A CID, of any version, or a peer id.")
    String name = "";

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.DenyReport denied = service.deny(name);
      output.object(denied, List.of(table(List.of(denied))));
    }
  }

  /** {@code sluice deny rm}. */
  @Command(name = "rm", description = "Take a CID or a peer off the list.")
  static final class DenyRm extends ServiceCommand {
    @Parameters(paramLabel = "CID|PEER", description = "What stands on the list.")
    String name = "";

    @Override
    void run(NodeService service, Output output) throws Exception {
      service.allow(name);
      output.object(Map.of("name", name), List.of(name + " is not denied any more"));
    }
  }

  /** {@code sluice deny ls}. */
  @Command(name = "ls", description = "List what is denied.")
  static final class DenyLs extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      List<Reports.DenyReport> denied = service.denied();
      output.items(denied, table(denied));
    }
  }
}
