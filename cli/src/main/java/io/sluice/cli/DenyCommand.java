package io.sluice.cli;

import static io.sluice.cli.CommandTree.command;
import static io.sluice.cli.CommandTree.group;

import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.terminal.Table;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import java.util.List;
import java.util.Map;

/** {@code sluice deny}: what is not served, and who is not. */
final class DenyCommand {
  static final CommandTree TREE =
      group(
          "deny",
          "Content that is not served, and peers that are not.",
          command("add", "Serve a block, or a peer, nothing any more.", DenyAdd::new),
          command("rm", "Take a CID or a peer off the list.", DenyRm::new),
          command("ls", "List what is denied.", DenyLs::new));

  private DenyCommand() {}

  static Table table(List<Reports.DenyReport> denied) {
    Table table = new Table("nothing is denied", "KIND", "NAME");
    denied.forEach(each -> table.row(each.kind(), each.name()));
    return table;
  }

  /** {@code sluice deny add}. */
  static final class DenyAdd extends ServiceCommand {
    private String name = "";

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("CID|PEER", String.class, value -> name = value)
          .says("A CID, of any version, or a peer id.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.DenyReport denied = service.deny(name);
      output.object(denied, List.of(table(List.of(denied))));
    }
  }

  /** {@code sluice deny rm}. */
  static final class DenyRm extends ServiceCommand {
    private String name = "";

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("CID|PEER", String.class, value -> name = value)
          .says("What stands on the list.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      service.allow(name);
      output.object(Map.of("name", name), List.of(name + " is not denied any more"));
    }
  }

  /** {@code sluice deny ls}. */
  static final class DenyLs extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      List<Reports.DenyReport> denied = service.denied();
      output.items(denied, table(denied));
    }
  }
}
