package io.sluice.cli;

import static io.sluice.cli.CommandTree.command;
import static io.sluice.cli.CommandTree.group;

import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.terminal.Table;
import io.sluice.node.Replays;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.config.Quantities;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.EvmAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code sluice deals}: deals of both roles. */
final class DealsCommand {
  static final CommandTree TREE =
      group(
          "deals",
          "Deals, bought and sold.",
          command("ls", "List all deals.", DealsLs::new),
          command("show", "Show a deal with its history.", DealsShow::new),
          command("cancel", "End a deal at this end and tell the other.", DealsCancel::new),
          command(
              "pay",
              "Pay what a deal owes, also what was under way when it was called off.",
              DealsPay::new),
          command(
              "export",
              "Write a deal's record to a file that anyone can replay.",
              DealsExport::new),
          command("replay", "Run an exported deal through its table again.", DealsReplay::new));

  private DealsCommand() {}

  /** {@code sluice deals ls}. */
  static final class DealsLs extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      List<Reports.DealReport> deals = service.deals();
      output.items(deals, table(deals, output.tokens()));
    }
  }

  static Table table(List<Reports.DealReport> deals, Tokens tokens) {
    Table table =
        new Table("no deals yet", "ID", "ROLE", "STATE", "BYTES", "PAID", "OWED", "CID", "REASON")
            .figures("BYTES", "PAID", "OWED");
    for (Reports.DealReport deal : deals) {
      EvmAddress token = deal.token().map(EvmAddress::parse).orElse(EvmAddress.ZERO);
      table.row(
          deal.id(),
          deal.role(),
          deal.state(),
          Quantities.show(deal.bytes()),
          tokens.show(deal.paid(), token),
          tokens.show(deal.owed(), token),
          deal.cid(),
          deal.reason().orElse(""));
    }
    return table;
  }

  /** A timeline, times counted from its first entry. */
  static List<String> timeline(List<Reports.TransitionReport> transitions) {
    List<String> lines = new ArrayList<>();
    java.time.Instant first = null;
    for (Reports.TransitionReport step : transitions) {
      java.time.Instant at = java.time.Instant.parse(step.time());
      first = first == null ? at : first;
      lines.add(
          "%8.3f s  %-14s %s%s"
              .formatted(
                  java.time.Duration.between(first, at).toMillis() / 1000.0,
                  step.after(),
                  step.event(),
                  step.note().isEmpty() ? "" : "  [" + step.note() + "]"));
    }
    return lines;
  }

  /** {@code sluice deals show}. */
  static final class DealsShow extends ServiceCommand {
    private String id = "";

    @Override
    void declare(Arguments arguments) {
      arguments.word("ID", String.class, value -> id = value).says("The deal, such as c-1.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.DealReport deal = service.deal(id);
      List<Object> lines = new ArrayList<>(List.of(table(List.of(deal), output.tokens())));
      lines.add("peer      " + deal.peer());
      deal.channel().ifPresent(channel -> lines.add("channel   " + channel));
      deal.lane().ifPresent(lane -> lines.add("lane      " + lane));
      lines.add("vouchers  " + deal.vouchers());
      deal.transfer()
          .ifPresent(it -> lines.add("transfer  %s, %s".formatted(it.id(), it.status())));
      lines.addAll(timeline(deal.transitions()));
      output.object(deal, lines);
    }
  }

  /** {@code sluice deals cancel}. */
  static final class DealsCancel extends ServiceCommand {
    private String id = "";

    @Override
    void declare(Arguments arguments) {
      arguments.word("ID", String.class, value -> id = value).says("The deal.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.DealReport deal = service.cancelDeal(id);
      output.object(deal, List.of(table(List.of(deal), output.tokens())));
    }
  }

  /** {@code sluice deals pay}. */
  static final class DealsPay extends ServiceCommand {
    private String id = "";

    @Override
    void declare(Arguments arguments) {
      arguments.word("ID", String.class, value -> id = value).says("The deal, bought here.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.DealReport deal = service.payDeal(id);
      output.object(deal, List.of(table(List.of(deal), output.tokens())));
    }
  }

  /** {@code sluice deals export}. */
  static final class DealsExport extends ServiceCommand {
    private String id = "";
    private SharedOptions.NewFile file = new SharedOptions.NewFile();

    @Override
    void declare(Arguments arguments) {
      arguments.word("ID", String.class, value -> id = value).says("The deal.");
      file.declare(arguments);
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.DealExportReport exported = service.exportDeal(id, absolute(file.out));
      output.object(
          exported,
          List.of(
              "%s of %s in %s"
                  .formatted(Quantities.count(exported.entries(), "entry"), id, exported.out())));
    }
  }

  /** {@code sluice deals replay}: needs no home. */
  static final class DealsReplay extends NodeCommand {
    private Path file = Path.of("");

    @Override
    void declare(Arguments arguments) {
      arguments.word("FILE", Path.class, value -> file = value).says("The file.");
    }

    @Override
    void run(Output output) throws Exception {
      Reports.DealReplayReport replayed = Replays.replay(Path.of(absolute(file)));
      output.object(
          replayed,
          List.of(
              "%s: %s, identical, ends in %s"
                  .formatted(
                      replayed.id(),
                      Quantities.count(replayed.entries(), "entry"),
                      replayed.state())));
    }
  }
}
