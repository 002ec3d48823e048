package io.sluice.cli;

import io.sluice.cli.ArgumentTypes.Amount;
import io.sluice.cli.terminal.Arguments;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import java.util.List;

/** {@code sluice faucet}: money out of nothing, on the embedded ledger. */
final class FaucetCommand extends ServiceCommand {
  private String address = "";
  private Amount amount = Amount.ZERO;

  @Override
  void declare(Arguments arguments) {
    arguments
        .word("ADDR", String.class, value -> address = value)
        .says("The account.")
        .word("N", Amount.class, value -> amount = value)
        .says("Base units.");
  }

  @Override
  void run(NodeService service, Output output) throws Exception {
    Reports.LedgerActionReport action = service.faucet(address, amount.units());
    output.object(action, List.of(action.note().orElse("done")));
  }
}
