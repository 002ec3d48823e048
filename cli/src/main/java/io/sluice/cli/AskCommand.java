package io.sluice.cli;

import static io.sluice.cli.CommandTree.command;
import static io.sluice.cli.CommandTree.group;

import io.sluice.cli.arguments.ArgumentTypes.Amount;
import io.sluice.cli.arguments.ArgumentTypes.Size;
import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.arguments.PriceOptions;
import io.sluice.cli.terminal.Table;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.config.Quantities;
import io.sluice.payments.token.Tokens;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code sluice ask}: the price list. */
final class AskCommand {
  static final CommandTree TREE =
      group(
          "ask",
          "The price list.",
          command("show", "Show the price list; * is the default for everything.", AskShow::new),
          command(
              "set",
              "Set the price of one root, or without --cid the default for everything.",
              AskSet::new),
          command("rm", "Take a price off the list; running deals keep theirs.", AskRemove::new));

  private AskCommand() {}

  /** {@code sluice ask show}. */
  static final class AskShow extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      List<Reports.AskReport> asks = service.asks();
      output.items(asks, table(asks, output.tokens()));
    }
  }

  static Table table(List<Reports.AskReport> asks, Tokens tokens) {
    Table table =
        new Table(
                "no prices: nothing is offered",
                "CID",
                "PRICE/MiB",
                "PRICE/GiB",
                "FEE",
                "INTERVAL",
                "INCREASE",
                "MAX")
            .figures("PRICE/MiB", "PRICE/GiB", "FEE", "INTERVAL", "INCREASE", "MAX");
    for (Reports.AskReport ask : asks) {
      table.row(
          ask.cid(),
          tokens.show(ask.pricePerMiB()),
          PriceOptions.perGiB(ask.pricePerMiB(), tokens),
          tokens.show(ask.fee()),
          Quantities.show(ask.interval()),
          Quantities.show(ask.intervalIncrease()),
          Quantities.show(ask.intervalMax()));
    }
    return table;
  }

  /** {@code sluice ask set}. */
  static final class AskSet extends ServiceCommand {
    private @Nullable String cid;
    private final PriceOptions price = new PriceOptions();
    private @Nullable Amount fee;
    private @Nullable Size interval;
    private @Nullable Size increase;
    private @Nullable Size max;

    @Override
    void declare(Arguments arguments) {
      arguments
          .option("--cid=CID", String.class, value -> cid = value)
          .says("The root; default everything.");
      price.declare(
          arguments,
          "price",
          "What each MiB costs: base units, or such as 0.00001FIL; 0 gives it away.");
      arguments
          .option("--fee=N", Amount.class, value -> fee = value)
          .says("What the deal itself costs; default as it is, or 0.")
          .option("--interval=SIZE", Size.class, value -> interval = value)
          .says("Bytes sent before the first payment; default as it is, or 1MiB.")
          .option("--interval-increase=SIZE", Size.class, value -> increase = value)
          .says("By how much each interval grows; default as it is, or 1MiB.")
          .option("--interval-max=SIZE", Size.class, value -> max = value)
          .says("Where they stop growing; default as it is, or 64MiB.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Tokens tokens = output.tokens();
      Reports.AskReport ask =
          service.setAsk(
              new Requests.PriceRequest(
                  Optional.ofNullable(cid),
                  price.asked(tokens),
                  Amount.ifGiven(fee, tokens),
                  Optional.ofNullable(interval).map(Size::bytes),
                  Optional.ofNullable(increase).map(Size::bytes),
                  Optional.ofNullable(max).map(Size::bytes)));
      output.object(ask, List.of(table(List.of(ask), tokens)));
    }
  }

  /** {@code sluice ask rm}. */
  static final class AskRemove extends ServiceCommand {
    private @Nullable String cid;

    @Override
    void declare(Arguments arguments) {
      arguments
          .option("--cid=CID", String.class, value -> cid = value)
          .says("The root; default the default.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      service.removeAsk(Optional.ofNullable(cid));
      String name = cid == null ? "*" : cid;
      output.object(Map.of("cid", name, "removed", true), List.of("removed " + name));
    }
  }
}
