package io.sluice.cli;

import static io.sluice.cli.CommandTree.command;
import static io.sluice.cli.CommandTree.group;

import io.sluice.cli.arguments.ArgumentTypes.Size;
import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.terminal.Table;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.config.Quantities;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code sluice grants}: who may push by dsync, read without paying, and remove. */
final class GrantsCommand {
  static final CommandTree TREE =
      group(
          "grants",
          "Peers and tokens that may push by dsync, read without paying, or remove.",
          command(
              "add",
              "Grant something to a peer, or to whoever brings a new token.",
              GrantsAdd::new),
          command("rm", "Take back all that was granted to a peer or a token.", GrantsRm::new),
          command("ls", "List what was granted, and to whom.", GrantsLs::new));

  private GrantsCommand() {}

  static Table table(List<Reports.GrantReport> grants) {
    Table table =
        new Table("nothing is granted", "HOLDER", "PUSH", "READ", "REMOVE", "MAX").figures("MAX");
    grants.forEach(
        each ->
            table.row(
                each.holder(),
                word(each.push()),
                word(each.read()),
                word(each.remove()),
                each.max().map(Quantities::show).orElse("-")));
    return table;
  }

  private static String word(boolean granted) {
    return granted ? "yes" : "no";
  }

  /** {@code sluice grants add}. */
  static final class GrantsAdd extends ServiceCommand {
    private String holder = "";
    private boolean push;
    private boolean read;
    private boolean remove;
    private @Nullable Size max;

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("PEER|token", String.class, value -> holder = value)
          .says("A peer id; or the word 'token' for a new token, which is shown this once.")
          .flag("--push", value -> push = value)
          .says("It may push whole DAGs to this node.")
          .flag("--read", value -> read = value)
          .says("It may read all that is listed, whatever that costs others.")
          .flag("--remove", value -> remove = value)
          .says("It may take content off the list.")
          .option("--max=SIZE", Size.class, value -> max = value)
          .says("Most that one push may bring; default what receive.quota leaves.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.GrantReport granted =
          service.grant(
              new Requests.GrantRequest(
                  holder, push, read, remove, Optional.ofNullable(max).map(Size::bytes)));
      List<Object> lines = new ArrayList<>(List.of(table(List.of(granted))));
      granted.token().ifPresent(token -> lines.add("token " + token));
      output.object(granted, lines);
    }
  }

  /** {@code sluice grants rm}. */
  static final class GrantsRm extends ServiceCommand {
    private String holder = "";

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("PEER|TOKEN", String.class, value -> holder = value)
          .says("What 'sluice grants ls' lists, or a token itself.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      service.revoke(holder);
      output.object(Map.of("holder", holder), List.of("nothing is granted to it any more"));
    }
  }

  /** {@code sluice grants ls}. */
  static final class GrantsLs extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      List<Reports.GrantReport> grants = service.grants();
      output.items(grants, table(grants));
    }
  }
}
