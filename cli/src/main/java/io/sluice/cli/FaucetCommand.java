package io.sluice.cli;

import io.sluice.cli.ArgumentTypes.Amount;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sluice faucet}: money out of nothing, on the embedded ledger. */
@Command(name = "faucet", description = "Give an account money; on the embedded ledger only.")
final class FaucetCommand extends ServiceCommand {
  @Parameters(index = "0", paramLabel = "ADDR", description = "The account.")
  String address = "";

  @Parameters(index = "1", paramLabel = "N", description = "Base units.")
  Amount amount = Amount.ZERO;

  @Override
  void run(NodeService service, Output output) throws Exception {
    Reports.LedgerActionReport action = service.faucet(address, amount.units());
    output.object(action, List.of(action.note().orElse("done")));
  }
}
