package io.sluice.cli;

import static io.sluice.cli.CommandTree.command;
import static io.sluice.cli.CommandTree.group;

import io.sluice.cli.arguments.ArgumentTypes.Amount;
import io.sluice.cli.arguments.ArgumentTypes.Size;
import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.arguments.PriceOptions;
import io.sluice.cli.arguments.TokenOption;
import io.sluice.cli.terminal.Table;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.config.Quantities;
import io.sluice.payments.token.TokenSum;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.EvmAddress;
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
              "Set the price of one root in one token, or without --cid the default for"
                  + " everything.",
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
      EvmAddress token = ask.token().map(EvmAddress::parse).orElseGet(tokens::paidIn);
      table.row(
          ask.cid(),
          tokens.show(ask.pricePerMiB(), token),
          PriceOptions.perGiB(ask.pricePerMiB(), tokens, token),
          tokens.show(ask.fee(), token),
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
    private final TokenOption token = new TokenOption();
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
      token.declare(
          arguments,
          "What is paid in: a symbol, an address or native; default what the price's symbol says,"
              + " or the first of ledger.token.");
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
      TokenSum asked = price.asked(tokens, token);
      Reports.AskReport ask =
          service.setAsk(
              new Requests.PriceRequest(
                  Optional.ofNullable(cid),
                  Optional.of(asked.token().toString()),
                  asked.amount(),
                  Amount.ifGiven(fee, tokens, asked.token()),
                  Optional.ofNullable(interval).map(Size::bytes),
                  Optional.ofNullable(increase).map(Size::bytes),
                  Optional.ofNullable(max).map(Size::bytes)));
      output.object(ask, List.of(table(List.of(ask), tokens)));
    }
  }

  /** {@code sluice ask rm}. */
  static final class AskRemove extends ServiceCommand {
    private @Nullable String cid;
    private @Nullable String token;

    @Override
    void declare(Arguments arguments) {
      arguments
          .option("--cid=CID", String.class, value -> cid = value)
          .says("The root; default the default.")
          .option("--token=TOKEN", String.class, value -> token = value)
          .says("Only its price in that token: a symbol, an address or native; default all.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      // By its address a price is taken off also in a token that is not paid in any more.
      Optional<String> of =
          token == null || token.startsWith("0x")
              ? Optional.ofNullable(token)
              : Optional.of(TokenOption.find(token, output.tokens()).toString());
      service.removeAsk(Optional.ofNullable(cid), of);
      String name = cid == null ? "*" : cid;
      output.object(Map.of("cid", name, "removed", true), List.of("removed " + name));
    }
  }
}
