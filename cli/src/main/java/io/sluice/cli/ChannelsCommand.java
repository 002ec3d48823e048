package io.sluice.cli;

import io.sluice.cli.ArgumentTypes.Amount;
import io.sluice.cli.terminal.Table;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sluice channels}: payment channels, from both ends. */
@Command(
    name = "channels",
    description = "Payment channels, from both ends.",
    subcommands = {
      ChannelsCommand.ChannelsLs.class,
      ChannelsCommand.ChannelsShow.class,
      ChannelsCommand.ChannelsOpen.class,
      ChannelsCommand.ChannelsTopUp.class,
      ChannelsCommand.ChannelsRedeem.class,
      ChannelsCommand.ChannelsClose.class,
      ChannelsCommand.ChannelsSettle.class,
      ChannelsCommand.ChannelsCollect.class,
      ChannelsCommand.ChannelsWithdraw.class
    })
final class ChannelsCommand extends Group {
  static Table table(List<Reports.ChannelReport> channels) {
    Table table =
        new Table("no channels", "ID", "ROLE", "STATE", "DEPOSIT", "VOUCHERED", "REDEEMED", "PEER")
            .figures("DEPOSIT", "VOUCHERED", "REDEEMED");
    for (Reports.ChannelReport channel : channels) {
      table.row(
          channel.id(),
          channel.role(),
          channel.state(),
          channel.deposit(),
          channel.vouchered(),
          channel.redeemed(),
          channel.peer());
    }
    return table;
  }

  static void print(Output output, Reports.ChannelReport channel) {
    List<Object> lines = new ArrayList<>(List.of(table(List.of(channel))));
    channel.settleAt().ifPresent(at -> lines.add("can be collected from " + at));
    if (!channel.lanes().isEmpty()) {
      Table lanes =
          new Table("", "LANE", "AMOUNT", "NONCE", "REDEEMED", "DEAL")
              .figures("LANE", "AMOUNT", "NONCE", "REDEEMED");
      channel
          .lanes()
          .forEach(
              lane ->
                  lanes.row(
                      lane.lane(),
                      lane.amount(),
                      lane.nonce(),
                      lane.redeemed(),
                      lane.deal().orElse("")));
      lines.add(lanes);
    }
    output.object(channel, lines);
  }

  static void print(Output output, List<Reports.LedgerActionReport> actions) {
    Table table = new Table("nothing to do", "ACTION", "CHANNEL", "AMOUNT", "").figures("AMOUNT");
    for (Reports.LedgerActionReport action : actions) {
      table.row(
          action.action(), action.channel().orElse(""), action.amount(), action.note().orElse(""));
    }
    output.items(actions, table);
  }

  /** {@code sluice channels ls}. */
  @Command(name = "ls", description = "List all channels.")
  static final class ChannelsLs extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      List<Reports.ChannelReport> channels = service.channels();
      output.items(channels, table(channels));
    }
  }

  /** A command about one channel. */
  abstract static class OnOneChannel extends ServiceCommand {
    @Parameters(index = "0", paramLabel = "ID", description = "The channel, or how its id begins.")
    String id = "";

    abstract Object act(NodeService service) throws ServiceException;

    @Override
    final void run(NodeService service, Output output) throws Exception {
      switch (act(service)) {
        case Reports.ChannelReport channel -> print(output, channel);
        case Reports.LedgerActionReport action ->
            output.object(
                action,
                List.of(
                    "%s: %s, credit grew by %s"
                        .formatted(
                            action.action(), action.note().orElse("done"), action.amount())));
        default -> throw new IllegalStateException("no such report");
      }
    }
  }

  /** {@code sluice channels show}. */
  @Command(name = "show", description = "Show a channel with its lanes.")
  static final class ChannelsShow extends OnOneChannel {
    @Override
    Object act(NodeService service) throws ServiceException {
      return service.channel(id);
    }
  }

  /** {@code sluice channels open}. */
  @Command(name = "open", description = "Payer: open a channel to a provider ahead of deals.")
  static final class ChannelsOpen extends ServiceCommand {
    @Mixin SharedOptions.OneProvider provider = new SharedOptions.OneProvider();

    @Option(
        names = "--deposit",
        paramLabel = "N",
        required = true,
        description = "What to put in, in base units.")
    Amount deposit = Amount.ZERO;

    @Override
    void run(NodeService service, Output output) throws Exception {
      print(output, service.openChannel(provider.address, deposit.units()));
    }
  }

  /** {@code sluice channels top-up}. */
  @Command(name = "top-up", description = "Payer: add to a channel's deposit.")
  static final class ChannelsTopUp extends OnOneChannel {
    @Parameters(index = "1", paramLabel = "N", description = "Base units.")
    Amount amount = Amount.ZERO;

    @Override
    Object act(NodeService service) throws ServiceException {
      return service.topUpChannel(id, amount.units());
    }
  }

  /** {@code sluice channels redeem}. */
  @Command(name = "redeem", description = "Payee: turn the best vouchers into credit.")
  static final class ChannelsRedeem extends ServiceCommand {
    @Parameters(paramLabel = "ID", arity = "0..1", description = "The channel; default all.")
    @Nullable String id;

    @Override
    void run(NodeService service, Output output) throws Exception {
      print(output, service.redeem(Optional.ofNullable(id)));
    }
  }

  /** {@code sluice channels close}. */
  @Command(name = "close", description = "Payee: redeem everything and end the channel at once.")
  static final class ChannelsClose extends OnOneChannel {
    @Override
    Object act(NodeService service) throws ServiceException {
      return service.closeChannel(id);
    }
  }

  /** {@code sluice channels settle}. */
  @Command(name = "settle", description = "Payer: begin the time after which the rest comes back.")
  static final class ChannelsSettle extends OnOneChannel {
    @Override
    Object act(NodeService service) throws ServiceException {
      return service.settle(id);
    }
  }

  /** {@code sluice channels collect}. */
  @Command(name = "collect", description = "Payer: take the rest of a settled channel.")
  static final class ChannelsCollect extends OnOneChannel {
    @Override
    Object act(NodeService service) throws ServiceException {
      return service.collect(id);
    }
  }

  /** {@code sluice channels withdraw}. */
  @Command(name = "withdraw", description = "Move credit out of the contract to the account.")
  static final class ChannelsWithdraw extends ServiceCommand {
    @Parameters(paramLabel = "N", arity = "0..1", description = "How much; default all.")
    @Nullable Amount amount;

    @Override
    void run(NodeService service, Output output) throws Exception {
      print(output, service.withdraw(Optional.ofNullable(amount).map(Amount::units)));
    }
  }
}
