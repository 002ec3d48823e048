package io.sluice.cli;

import static io.sluice.cli.CommandTree.command;
import static io.sluice.cli.CommandTree.group;

import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.terminal.Redrawn;
import io.sluice.cli.terminal.Table;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.Quantities;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code sluice transfers}: data-transfer channels of both roles. */
final class TransfersCommand {
  static final CommandTree TREE =
      group(
          "transfers",
          "Data-transfer channels of both roles.",
          command("ls", "List all transfer channels.", TransfersLs::new),
          command("show", "Show a transfer channel with its history.", TransfersShow::new),
          command(
              "pause",
              "Stop the data of a transfer, at this end.",
              () -> new TransfersAct(NodeService::pauseTransfer)),
          command(
              "resume",
              "Let the data of a transfer flow again, as far as this end is concerned.",
              () -> new TransfersAct(NodeService::resumeTransfer)),
          command(
              "restart",
              "Begin a transfer again that stands still.",
              () -> new TransfersAct(NodeService::restartTransfer)),
          command(
              "voucher",
              "Give a further voucher for a transfer that waits for one.",
              TransfersVoucher::new),
          command(
              "cancel",
              "Give a transfer up and tell the other end.",
              () -> new TransfersAct(NodeService::cancelTransfer)));

  private TransfersCommand() {}

  /** Transfers as they are, with what flowed a second since they were opened. */
  static Table table(List<Reports.TransferReport> transfers) {
    return new TransferRows(transfers, Clock.systemUTC().instant(), Map.of()).table();
  }

  /** {@code sluice transfers ls}. */
  static final class TransfersLs extends ServiceCommand {
    private static final long EVERY_MILLIS = 1000;

    private boolean watch;

    @Override
    void declare(Arguments arguments) {
      arguments
          .flag("--watch", value -> watch = value)
          .says("On a terminal: show those under way anew each second, until all have ended.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      int columns = output.json() ? 0 : surroundings().terminal().outColumns();
      if (watch && columns > 0) {
        watch(service, columns);
      } else {
        List<Reports.TransferReport> transfers = service.transfers();
        output.items(transfers, table(transfers));
      }
    }

    private void watch(NodeService service, int columns) throws Exception {
      Redrawn drawn = new Redrawn(surroundings().out());
      TransferRows before = new TransferRows(List.of(), Clock.systemUTC().instant(), Map.of());
      while (true) {
        List<Reports.TransferReport> live =
            service.transfers().stream().filter(each -> !each.ended()).toList();
        TransferRows now = before.then(live, Clock.systemUTC().instant());
        drawn.draw(now.table().lines(columns));
        if (live.isEmpty()) {
          return;
        }
        before = now;
        Thread.sleep(EVERY_MILLIS);
      }
    }
  }

  /** {@code sluice transfers show}. */
  static final class TransfersShow extends ServiceCommand {
    private String id = "";

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("ID", String.class, value -> id = value)
          .says("The channel, or its deal, such as c-1.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.TransferReport transfer = service.transfer(id);
      List<Object> lines = new ArrayList<>(List.of(table(List.of(transfer))));
      lines.add("peer      " + transfer.peer());
      lines.add("queued    " + Quantities.show(transfer.queued()));
      transfer.pausedBy().ifPresent(who -> lines.add("paused    by " + who));
      lines.add("opened    with " + transfer.voucherType());
      lines.add("vouchers  " + exchanged(transfer.vouchers(), transfer.lastVoucher()));
      lines.add("results   " + exchanged(transfer.results(), transfer.lastResult()));
      transfer.message().ifPresent(message -> lines.add("message   " + message));
      lines.addAll(DealsCommand.timeline(transfer.transitions()));
      output.object(transfer, lines);
    }

    private static String exchanged(long count, Optional<Reports.VoucherReport> last) {
      return count
          + last.map(one -> ", the last is %s %s".formatted(one.type(), one.value())).orElse("");
    }
  }

  /** {@code sluice transfers voucher}. */
  static final class TransfersVoucher extends ServiceCommand {
    private String id = "";
    private String type = "";
    private @Nullable Path value;

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("ID", String.class, given -> id = given)
          .says("The channel, one that this home opened; no deal's.")
          .needed("--voucher-type=NAME", String.class, given -> type = given)
          .says("Type of the voucher.")
          .option("--voucher=FILE", Path.class, given -> value = given)
          .says("The voucher, as dag-json; default null.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.TransferReport transfer =
          service.giveVoucher(new Requests.VoucherRequest(id, type, textOf(value, "the voucher")));
      output.object(transfer, List.of(table(List.of(transfer))));
    }
  }

  private interface TransferCall {
    Reports.TransferReport of(NodeService service, String id) throws ServiceException;
  }

  /** Does something with a transfer, and shows it then. */
  static final class TransfersAct extends ServiceCommand {
    private final TransferCall call;
    private String id = "";

    TransfersAct(TransferCall call) {
      this.call = call;
    }

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("ID", String.class, value -> id = value)
          .says("The channel, such as 'sluice transfers ls' lists; no deal's.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.TransferReport transfer = call.of(service, id);
      output.object(transfer, List.of(table(List.of(transfer))));
    }
  }
}
