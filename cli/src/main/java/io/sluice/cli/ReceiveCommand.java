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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code sluice receive}: who may push to this node. */
final class ReceiveCommand {
  static final CommandTree TREE =
      group(
          "receive",
          "Peers that may push to this node; nobody else may.",
          command("allow", "Let a peer push to this node.", ReceiveAllow::new),
          command("rm", "Let a peer push no more; what it began goes on.", ReceiveRm::new),
          command("ls", "List who may push.", ReceiveLs::new));

  private ReceiveCommand() {}

  static Table table(List<Reports.ReceiveReport> peers) {
    Table table = new Table("nobody may push", "PEER", "MAX", "PIN").figures("MAX");
    peers.forEach(
        each ->
            table.row(
                each.peer(),
                each.max().map(Quantities::show).orElse("-"),
                each.pin() ? "yes" : "no"));
    return table;
  }

  /** {@code sluice receive allow}. */
  static final class ReceiveAllow extends ServiceCommand {
    private String peer = "";
    private @Nullable Size max;
    private boolean pin;

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("PEER", String.class, value -> peer = value)
          .says("Its peer id, as 'sluice id' shows it there.")
          .option("--max=SIZE", Size.class, value -> max = value)
          .says("Most that one push may bring; default what receive.quota leaves.")
          .flag("--pin", value -> pin = value)
          .says("Keep what came until it is removed; without it the next gc takes it.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.ReceiveReport allowed =
          service.allowReceiving(
              new Requests.ReceiveRequest(peer, Optional.ofNullable(max).map(Size::bytes), pin));
      output.object(allowed, List.of(table(List.of(allowed))));
    }
  }

  /** {@code sluice receive rm}. */
  static final class ReceiveRm extends ServiceCommand {
    private String peer = "";

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("PEER", String.class, value -> peer = value)
          .says("A peer id that 'sluice receive ls' lists.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      service.refuseReceiving(peer);
      output.object(Map.of("peer", peer), List.of(peer + " may not push any more"));
    }
  }

  /** {@code sluice receive ls}. */
  static final class ReceiveLs extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      List<Reports.ReceiveReport> peers = service.receiving();
      output.items(peers, table(peers));
    }
  }
}
