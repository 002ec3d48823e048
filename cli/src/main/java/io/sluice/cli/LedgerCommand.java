package io.sluice.cli;

import io.sluice.cli.ArgumentTypes.Time;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sluice ledger}: what the money is on. */
@Command(
    name = "ledger",
    description = "The ledger that channels are on.",
    subcommands = {LedgerCommand.LedgerShow.class, LedgerCommand.LedgerAdvance.class})
final class LedgerCommand extends Group {
  static List<String> lines(Reports.LedgerReport ledger) {
    return List.of(
        "kind      " + ledger.kind(),
        "path      " + ledger.path(),
        "chain     " + ledger.chainId(),
        "contract  " + ledger.contract(),
        "time      " + ledger.time(),
        "height    " + ledger.head());
  }

  /** {@code sluice ledger show}. */
  @Command(name = "show", description = "Show which ledger this is and what time it has.")
  static final class LedgerShow extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.LedgerReport ledger = service.ledger();
      output.object(ledger, lines(ledger));
    }
  }

  /** {@code sluice ledger advance}. */
  @Command(name = "advance", description = "Move the embedded ledger's clock on, for everyone.")
  static final class LedgerAdvance extends ServiceCommand {
    @Parameters(paramLabel = "DURATION", description = "By how much, such as 1d or 90m.")
    Time by = new Time(java.time.Duration.ZERO);

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.LedgerReport ledger = service.advanceLedger(by.length().toSeconds());
      output.object(ledger, lines(ledger));
    }
  }
}
