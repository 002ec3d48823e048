package io.sluice.cli;

import io.sluice.cli.terminal.Table;
import io.sluice.node.Replays;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.config.Quantities;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code sluice deals}: deals of both roles. */
@Command(
    name = "deals",
    description = "Deals, bought and sold.",
    subcommands = {
      DealsCommand.DealsLs.class,
      DealsCommand.DealsShow.class,
      DealsCommand.DealsCancel.class,
      DealsCommand.DealsPay.class,
      DealsCommand.DealsExport.class,
      DealsCommand.DealsReplay.class
    })
final class DealsCommand extends Group {
  /** {@code sluice deals ls}. */
  @Command(name = "ls", description = "List all deals.")
  static final class DealsLs extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      List<Reports.DealReport> deals = service.deals();
      output.items(deals, table(deals));
    }
  }

  static Table table(List<Reports.DealReport> deals) {
    Table table =
        new Table("no deals yet", "ID", "ROLE", "STATE", "BYTES", "PAID", "OWED", "CID", "REASON")
            .figures("BYTES", "PAID", "OWED");
    for (Reports.DealReport deal : deals) {
      table.row(
          deal.id(),
          deal.role(),
          deal.state(),
          Quantities.show(deal.bytes()),
          deal.paid(),
          deal.owed(),
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
  @Command(name = "show", description = "Show a deal with its history.")
  static final class DealsShow extends ServiceCommand {
    @Parameters(paramLabel = "ID", description = "The deal, such as c-1.")
    String id = "";

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.DealReport deal = service.deal(id);
      List<Object> lines = new ArrayList<>(List.of(table(List.of(deal))));
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
  @Command(name = "cancel", description = "End a deal at this end and tell the other.")
  static final class DealsCancel extends ServiceCommand {
    @Parameters(paramLabel = "ID", description = "The deal.")
    String id = "";

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.DealReport deal = service.cancelDeal(id);
      output.object(deal, List.of(table(List.of(deal))));
    }
  }

  /** {@code sluice deals pay}. */
  @Command(
      name = "pay",
      description = "Pay what a deal still owes that was put aside or has ended.")
  static final class DealsPay extends ServiceCommand {
    @Parameters(paramLabel = "ID", description = "The deal, bought here.")
    String id = "";

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.DealReport deal = service.payDeal(id);
      output.object(deal, List.of(table(List.of(deal))));
    }
  }

  /** {@code sluice deals export}. */
  @Command(name = "export", description = "Write a deal's record to a file that anyone can replay.")
  static final class DealsExport extends ServiceCommand {
    @Parameters(paramLabel = "ID", description = "The deal.")
    String id = "";

    @Mixin SharedOptions.NewFile file = new SharedOptions.NewFile();

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
  @Command(name = "replay", description = "Run an exported deal through its table again.")
  static final class DealsReplay extends NodeCommand {
    @Parameters(paramLabel = "FILE", description = "The file.")
    Path file = Path.of("");

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
