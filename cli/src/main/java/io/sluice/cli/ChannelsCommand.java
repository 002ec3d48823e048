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
import io.sluice.node.api.ServiceException;
import io.sluice.payments.token.TokenSum;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code sluice channels}: payment channels, from both ends. */
final class ChannelsCommand {
  static final CommandTree TREE =
      group(
          "channels",
          "Payment channels, from both ends.",
          command("ls", "List all channels.", ChannelsLs::new),
          command("show", "Show a channel with its lanes.", ChannelsShow::new),
          command("open", "Payer: open a channel to a provider ahead of deals.", ChannelsOpen::new),
          command("top-up", "Payer: add to a channel's deposit.", ChannelsTopUp::new),
          command("redeem", "Payee: turn the best vouchers into credit.", ChannelsRedeem::new),
          command(
              "close",
              "End the channel at once: as payee with everything redeemed, as payer with the"
                  + " payee's consent.",
              ChannelsClose::new),
          command(
              "settle",
              "Payer: begin the time after which the rest comes back.",
              ChannelsSettle::new),
          command("collect", "Payer: take the rest of a settled channel.", ChannelsCollect::new),
          command(
              "withdraw", "Move credit out of the contract to the account.", ChannelsWithdraw::new),
          command(
              "deploy-contract",
              "Put the payment channel contract on the chain of ledger.rpc and ledger.chain-id.",
              DeployContract::new));

  static final CommandTree AUTOPILOT =
      group(
          "autopilot",
          "What this home does with its money by itself.",
          command("show", "Show what it will do, when and why.", AutopilotShow::new));

  private ChannelsCommand() {}

  static Table table(List<Reports.ChannelReport> channels, Tokens tokens) {
    Table table =
        new Table("no channels", "ID", "ROLE", "STATE", "DEPOSIT", "VOUCHERED", "REDEEMED", "PEER")
            .figures("DEPOSIT", "VOUCHERED", "REDEEMED");
    for (Reports.ChannelReport channel : channels) {
      EvmAddress token = EvmAddress.parse(channel.token());
      table.row(
          channel.id(),
          channel.role(),
          channel.state(),
          tokens.show(channel.deposit(), token),
          tokens.show(channel.vouchered(), token),
          tokens.show(channel.redeemed(), token),
          channel.peer());
    }
    return table;
  }

  static void print(Output output, Reports.ChannelReport channel) {
    Tokens tokens = output.tokens();
    EvmAddress token = EvmAddress.parse(channel.token());
    List<Object> lines = new ArrayList<>(List.of(table(List.of(channel), tokens)));
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
                      tokens.show(lane.amount(), token),
                      lane.nonce(),
                      tokens.show(lane.redeemed(), token),
                      lane.deal().orElse("")));
      lines.add(lanes);
    }
    output.object(channel, lines);
  }

  private static String shown(TokenAmount amount, Reports.OfToken of, Tokens tokens) {
    return tokens.show(amount, of.paidIn().map(EvmAddress::parse).orElseGet(tokens::paidIn));
  }

  static void print(Output output, List<Reports.LedgerActionReport> actions) {
    Table table = new Table("nothing to do", "ACTION", "CHANNEL", "AMOUNT", "").figures("AMOUNT");
    for (Reports.LedgerActionReport action : actions) {
      table.row(
          action.action(),
          action.channel().orElse(""),
          shown(action.amount(), action, output.tokens()),
          action.note().orElse(""));
    }
    output.items(actions, table);
  }

  /** {@code sluice channels ls}. */
  static final class ChannelsLs extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      List<Reports.ChannelReport> channels = service.channels();
      output.items(channels, table(channels, output.tokens()));
    }
  }

  /** A command about one channel. */
  abstract static class OnOneChannel extends ServiceCommand {
    String id = "";

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("ID", String.class, value -> id = value)
          .says("The channel, or how its id begins.");
    }

    abstract Object act(NodeService service, Tokens tokens) throws ServiceException;

    @Override
    final void run(NodeService service, Output output) throws Exception {
      switch (act(service, output.tokens())) {
        case Reports.ChannelReport channel -> print(output, channel);
        case Reports.LedgerActionReport action ->
            output.object(
                action,
                List.of(
                    "%s: %s, credit grew by %s"
                        .formatted(
                            action.action(),
                            action.note().orElse("done"),
                            shown(action.amount(), action, output.tokens()))));
        default -> throw new IllegalStateException("no such report");
      }
    }
  }

  /** {@code sluice channels show}. */
  static final class ChannelsShow extends OnOneChannel {
    @Override
    Object act(NodeService service, Tokens tokens) throws ServiceException {
      return service.channel(id);
    }
  }

  /** {@code sluice channels open}. */
  static final class ChannelsOpen extends ServiceCommand {
    private SharedOptions.OneProvider provider = new SharedOptions.OneProvider();
    private Amount deposit = Amount.ZERO;
    private final TokenOption token = new TokenOption();

    @Override
    void declare(Arguments arguments) {
      provider.declare(arguments);
      arguments
          .needed("--deposit=N", Amount.class, value -> deposit = value)
          .says("What to put in, such as 0.5FIL; or base units.");
      token.declare(
          arguments,
          "What it pays in: a symbol, an address or native; default what the deposit's symbol says,"
              + " or the first of ledger.token.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      TokenSum sum = token.sum(deposit, output.tokens());
      print(
          output,
          service.openChannel(provider.address, sum.amount(), Optional.of(sum.token().toString())));
    }
  }

  /** {@code sluice channels top-up}. */
  static final class ChannelsTopUp extends OnOneChannel {
    private Amount amount = Amount.ZERO;

    @Override
    void declare(Arguments arguments) {
      super.declare(arguments);
      arguments
          .word("N", Amount.class, value -> amount = value)
          .says("What to add, such as 0.5FIL; or base units.");
    }

    @Override
    Object act(NodeService service, Tokens tokens) throws ServiceException {
      EvmAddress token = EvmAddress.parse(service.channel(id).token());
      return service.topUpChannel(id, amount.units(tokens, token));
    }
  }

  /** {@code sluice channels redeem}. */
  static final class ChannelsRedeem extends ServiceCommand {
    private @Nullable String id;

    @Override
    void declare(Arguments arguments) {
      arguments.maybe("ID", String.class, value -> id = value).says("The channel; default all.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      print(output, service.redeem(Optional.ofNullable(id)));
    }
  }

  /** {@code sluice channels close}. */
  static final class ChannelsClose extends OnOneChannel {
    @Override
    Object act(NodeService service, Tokens tokens) throws ServiceException {
      return service.closeChannel(id);
    }
  }

  /** {@code sluice channels settle}. */
  static final class ChannelsSettle extends OnOneChannel {
    @Override
    Object act(NodeService service, Tokens tokens) throws ServiceException {
      return service.settle(id);
    }
  }

  /** {@code sluice channels collect}. */
  static final class ChannelsCollect extends OnOneChannel {
    @Override
    Object act(NodeService service, Tokens tokens) throws ServiceException {
      return service.collect(id);
    }
  }

  /** {@code sluice channels withdraw}. */
  static final class ChannelsWithdraw extends ServiceCommand {
    private @Nullable Amount amount;
    private final TokenOption token = new TokenOption();

    @Override
    void declare(Arguments arguments) {
      arguments.maybe("N", Amount.class, value -> amount = value).says("How much; default all.");
      token.declare(
          arguments,
          "Of which token: a symbol, an address or native; default what the amount's symbol says,"
              + " without an amount all.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Optional<TokenSum> sum = token.ifGiven(amount, output.tokens());
      Optional<String> of =
          sum.isPresent() ? sum.map(each -> each.token().toString()) : token.text(output.tokens());
      print(output, service.withdraw(sum.map(TokenSum::amount), of));
    }
  }

  /** {@code sluice autopilot show}. */
  static final class AutopilotShow extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      List<Reports.PlanReport> plans = service.autopilot();
      Table table =
          new Table("nothing to do", "WHEN", "ACTION", "AMOUNT", "CHANNEL", "WHY")
              .figures("AMOUNT");
      for (Reports.PlanReport plan : plans) {
        table.row(
            plan.at().orElse("-"),
            plan.action(),
            shown(plan.amount(), plan, output.tokens()),
            plan.channel().orElse(""),
            plan.reason());
      }
      output.items(plans, table);
    }
  }

  /** {@code sluice channels deploy-contract}. */
  static final class DeployContract extends ServiceCommand {
    private Time shortest = new Time(Duration.ofHours(1));
    private Time longest = new Time(Duration.ofDays(30));

    @Override
    void declare(Arguments arguments) {
      arguments
          .option("--min-challenge=DURATION", Time.class, value -> shortest = value)
          .says("Shortest challenge period that channels may have; default 1h.")
          .option("--max-challenge=DURATION", Time.class, value -> longest = value)
          .says("Longest; default 30d.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.ContractReport contract =
          service.deployContract(shortest.length().toSeconds(), longest.length().toSeconds());
      output.object(
          contract,
          List.of(
              "chain     " + contract.chainId(),
              "contract  " + contract.contract(),
              "put it in the configuration as ledger.contract, and ledger.kind: evm"));
    }
  }
}
