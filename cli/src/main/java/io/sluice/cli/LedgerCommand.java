package io.sluice.cli;

import static io.sluice.cli.CommandTree.command;
import static io.sluice.cli.CommandTree.group;

import io.sluice.cli.arguments.ArgumentTypes.Amount;
import io.sluice.cli.arguments.ArgumentTypes.Time;
import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.arguments.TokenOption;
import io.sluice.cli.terminal.Table;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.TokenSum;
import io.sluice.protocol.retrieval.EvmAddress;
import java.util.List;
import java.util.Optional;

/** {@code sluice ledger}: what the money is on. */
final class LedgerCommand {
  static final CommandTree TREE =
      group(
          "ledger",
          "The ledger that channels are on.",
          command("show", "Show which ledger this is and what time it has.", LedgerShow::new),
          command(
              "advance", "Move the embedded ledger's clock on, for everyone.", LedgerAdvance::new));

  private LedgerCommand() {}

  static List<Object> lines(Reports.LedgerReport ledger) {
    Table table =
        new Table("no tokens", "TOKEN", "DECIMALS", "BALANCE", "CREDIT", "CONTRACT", "")
            .figures("BALANCE", "CREDIT", "CONTRACT");
    for (Reports.HoldingReport holding : ledger.tokens()) {
      EvmAddress address = holding.token().map(EvmAddress::parse).orElse(EvmAddress.ZERO);
      Token token = new Token(holding.symbol(), address, holding.decimals());
      table.row(
          holding.symbol(),
          holding.decimals(),
          token.show(holding.balance()),
          token.show(holding.credit()),
          holding.token().orElse("native"),
          holding.isAccepted() ? "accepted" : "");
    }
    return List.of(
        "kind      " + ledger.kind(),
        "path      " + ledger.path(),
        "chain     " + ledger.chainId(),
        "contract  " + ledger.contract(),
        "time      " + ledger.time(),
        "height    " + ledger.head(),
        table);
  }

  /** {@code sluice ledger show}. */
  static final class LedgerShow extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.LedgerReport ledger = service.ledger();
      output.object(ledger, lines(ledger));
    }
  }

  /** {@code sluice ledger advance}. */
  static final class LedgerAdvance extends ServiceCommand {
    private Time by = new Time(java.time.Duration.ZERO);

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("DURATION", Time.class, value -> by = value)
          .says("By how much, such as 1d or 90m.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.LedgerReport ledger = service.advanceLedger(by.length().toSeconds());
      output.object(ledger, lines(ledger));
    }
  }

  /** {@code sluice faucet}: money out of nothing, on the embedded ledger. */
  static final class Faucet extends ServiceCommand {
    private String address = "";
    private Amount amount = Amount.ZERO;
    private final TokenOption token = new TokenOption();

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("ADDR", String.class, value -> address = value)
          .says("The account.")
          .word("N", Amount.class, value -> amount = value)
          .says("How much, such as 100PLAY; or base units.");
      token.declare(
          arguments,
          "Of which token: a symbol, an address or native; default what the amount's symbol says,"
              + " or the first of ledger.token.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      TokenSum sum = token.sum(amount, output.tokens());
      Reports.LedgerActionReport action =
          service.faucet(address, sum.amount(), Optional.of(sum.token().toString()));
      output.object(action, List.of(action.note().orElse("done")));
    }
  }
}
