package io.sluice.cli;

import io.sluice.cli.ArgumentTypes.Amount;
import io.sluice.cli.ArgumentTypes.Size;
import io.sluice.cli.terminal.Table;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.config.Quantities;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sluice ask}: the price list. */
@Command(
    name = "ask",
    description = "The price list.",
    subcommands = {AskCommand.AskShow.class, AskCommand.AskSet.class, AskCommand.AskRemove.class})
final class AskCommand extends Group {
  /** {@code sluice ask show}. */
  @Command(name = "show", description = "Show the price list; * is the default for everything.")
  static final class AskShow extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      List<Reports.AskReport> asks = service.asks();
      output.items(asks, table(asks));
    }
  }

  static Table table(List<Reports.AskReport> asks) {
    Table table =
        new Table(
                "no prices: nothing is offered",
                "CID",
                "PRICE/MiB",
                "FEE",
                "INTERVAL",
                "INCREASE",
                "MAX")
            .figures("PRICE/MiB", "FEE", "INTERVAL", "INCREASE", "MAX");
    for (Reports.AskReport ask : asks) {
      table.row(
          ask.cid(),
          ask.pricePerMiB(),
          ask.fee(),
          Quantities.show(ask.interval()),
          Quantities.show(ask.intervalIncrease()),
          Quantities.show(ask.intervalMax()));
    }
    return table;
  }

  /** {@code sluice ask set}. */
  @Command(
      name = "set",
      description = "Set the price of one root, or without --cid the default for everything.")
  static final class AskSet extends ServiceCommand {
    @Option(names = "--cid", paramLabel = "CID", description = "The root; default everything.")
    @Nullable String cid;

    @Option(
        names = "--price-per-mib",
        paramLabel = "N",
        required = true,
        description = "Base units for each MiB; 0 gives it away.")
    Amount price = Amount.ZERO;

    @Option(names = "--fee", paramLabel = "N", description = "Base units for the deal itself.")
    @Nullable Amount fee;

    @Option(
        names = "--interval",
        paramLabel = "SIZE",
        description = "Bytes sent before the first payment; default 1MiB.")
    @Nullable Size interval;

    @Option(
        names = "--interval-increase",
        paramLabel = "SIZE",
        description = "By how much each interval grows; default 1MiB.")
    @Nullable Size increase;

    @Option(
        names = "--interval-max",
        paramLabel = "SIZE",
        description = "Where they stop growing; default 64MiB.")
    @Nullable Size max;

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.AskReport ask =
          service.setAsk(
              new Requests.PriceRequest(
                  Optional.ofNullable(cid),
                  price.units(),
                  Optional.ofNullable(fee).map(Amount::units),
                  Optional.ofNullable(interval).map(Size::bytes),
                  Optional.ofNullable(increase).map(Size::bytes),
                  Optional.ofNullable(max).map(Size::bytes)));
      output.object(ask, List.of(table(List.of(ask))));
    }
  }

  /** {@code sluice ask rm}. */
  @Command(name = "rm", description = "Take a price off the list; running deals keep theirs.")
  static final class AskRemove extends ServiceCommand {
    @Option(names = "--cid", paramLabel = "CID", description = "The root; default the default.")
    @Nullable String cid;

    @Override
    void run(NodeService service, Output output) throws Exception {
      service.removeAsk(Optional.ofNullable(cid));
      String name = cid == null ? "*" : cid;
      output.object(Map.of("cid", name, "removed", true), List.of("removed " + name));
    }
  }
}
