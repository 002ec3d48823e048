package io.sluice.node;

import io.sluice.node.metrics.Metric;
import io.sluice.node.metrics.Metrics;
import io.sluice.node.watch.Concern;
import io.sluice.node.watch.LatestFigures;
import io.sluice.node.watch.MoneyHealth;
import io.sluice.node.watch.WatchLimits;
import io.sluice.payments.ChannelBook.Role;
import io.sluice.payments.ledger.LedgerStanding.NodeFault;
import io.sluice.payments.ledger.LedgerStanding.NodeStanding;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.watch.MoneyFigures;
import io.sluice.payments.watch.MoneyFigures.LedgerFigures;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * A home's money among the metrics. All figures of one reading are of one look, so that their
 * number costs nothing; what could not be seen is NaN.
 */
final class MoneyMetrics {
  /** What gas is spent on; known before any was, so that each is 0 and not missing. */
  static final List<String> OPERATIONS =
      List.of(
          "approve",
          "close",
          "close_by_consent",
          "collect",
          "fill",
          "open",
          "redeem",
          "settle",
          "top_up",
          "withdraw");

  private static final Map<Role, String> ROLES =
      Map.of(Role.PAYER, "client", Role.PAYEE, "provider");

  private final Metrics metrics;
  private final LatestFigures figures;

  private final List<EvmAddress> tokens;

  private MoneyMetrics(Metrics metrics, LatestFigures figures, List<EvmAddress> tokens) {
    this.metrics = metrics;
    this.figures = figures;
    this.tokens = tokens;
  }

  /**
   * Shows it.
   *
   * @param nodes through which the ledger is seen, as many as there will be
   */
  static void show(
      Metrics metrics,
      LatestFigures figures,
      MoneyHealth health,
      WatchLimits limits,
      Tokens tokens,
      List<NodeStanding> nodes) {
    MoneyMetrics money = new MoneyMetrics(metrics, figures, tokens.accepted());
    money.showHealth(health);
    money.showTokens(tokens);
    money.showBalances();
    ROLES.forEach(money::showChannels);
    money.showDeadlines();
    money.showLedger();
    money.showSent();
    for (int at = 0; at < nodes.size(); at++) {
      money.showNode(at, nodes.get(at).host());
    }
    money.showLimits(limits);
  }

  private void showHealth(MoneyHealth health) {
    metrics.show(Metric.READY, () -> health.now().ready() ? 1 : 0);
    for (Concern concern : Concern.values()) {
      metrics.show(
          Metric.CONCERN,
          () -> health.concerns().stream().anyMatch(found -> found.concern() == concern) ? 1 : 0,
          concern.code());
    }
  }

  private void showTokens(Tokens tokens) {
    showToken("coin", tokens.coin());
    for (EvmAddress accepted : tokens.accepted()) {
      tokens.at(accepted).ifPresent(token -> showToken("paid_in", token));
    }
  }

  private void showToken(String use, Token token) {
    metrics.show(
        Metric.TOKEN_UNITS,
        () -> Math.pow(10, token.decimals()),
        use,
        token.symbol(),
        Integer.toString(token.decimals()),
        token.address().toString());
  }

  private void showBalances() {
    asked(Metric.COIN_BALANCE, LedgerFigures::coin);
    for (EvmAddress token : tokens) {
      asked(Metric.BALANCE, ledger -> ledger.balances().orZero(token), token.toString());
      asked(Metric.CREDIT, ledger -> ledger.credits().orZero(token), token.toString());
    }
    asked(Metric.REDEMPTION_COST, LedgerFigures::redemptionCost);
  }

  private void asked(Metric metric, Function<LedgerFigures, TokenAmount> amount, String... labels) {
    seen(
        metric,
        money -> money.ledger().map(amount).map(MoneyMetrics::whole).orElse(Double.NaN),
        labels);
  }

  private void showChannels(Role role, String name) {
    for (EvmAddress token : tokens) {
      String of = token.toString();
      told(Metric.CHANNELS, money -> money.count(role, token, false), name, "open", of);
      told(Metric.CHANNELS, money -> money.count(role, token, true), name, "settling", of);
      told(Metric.DEPOSITS, money -> whole(money.inside(role, token)), name, of);
      told(Metric.VALUE_AT_RISK, money -> whole(money.atRisk(role, token)), name, of);
    }
  }

  private void showDeadlines() {
    told(
        Metric.DEADLINE,
        money -> money.deadline().map(MoneyMetrics::seconds).orElse(Double.POSITIVE_INFINITY));
    for (EvmAddress token : tokens) {
      String of = token.toString();
      told(Metric.DEADLINE_VALUE, money -> whole(money.endangered(token)), of);
      told(Metric.DEADLINE_MISSED, money -> whole(money.missed(token)), of);
    }
    seen(Metric.SETTLES, MoneyFigures::settles);
    seen(Metric.REDEMPTIONS, MoneyFigures::redemptions);
  }

  private void showLedger() {
    seen(Metric.LEDGER_ACTS, MoneyFigures::acts);
    seen(Metric.LEDGER_REACHABLE, money -> money.ledger().isPresent() ? 1 : 0);
    seen(Metric.LEDGER_HEIGHT, money -> newest(money, MoneyFigures.NewestBlock::height));
    seen(Metric.LEDGER_UNSETTLED, money -> newest(money, MoneyFigures.NewestBlock::unsettled));
    seen(
        Metric.LEDGER_HEAD_AGE,
        money -> money.headAge().map(MoneyMetrics::seconds).orElse(Double.NaN));
    seen(Metric.REORGANISATIONS, money -> money.standing().reorganisations().count());
    seen(Metric.DEEPEST_REORGANISATION, money -> money.standing().reorganisations().deepest());
    seen(Metric.DISAGREEMENTS, money -> money.standing().disagreements());
  }

  private static double newest(
      MoneyFigures money, ToDoubleFunction<MoneyFigures.NewestBlock> figure) {
    return money.newest().map(figure::applyAsDouble).orElse(Double.NaN);
  }

  private void showSent() {
    seen(Metric.OUTBOX_WAITING, money -> money.standing().waiting().count());
    seen(Metric.OUTBOX_OLDEST, money -> seconds(money.oldestWaiting()));
    for (String operation : OPERATIONS) {
      seen(
          Metric.GAS_SPENT,
          money -> whole(money.standing().gasSpent().getOrDefault(operation, TokenAmount.ZERO)),
          operation);
    }
  }

  private void showNode(int at, String host) {
    String number = Integer.toString(at + 1);
    node(Metric.RPC_REQUESTS, at, NodeStanding::requests, number, host);
    node(Metric.RPC_SECONDS, at, node -> seconds(node.time()), number, host);
    node(Metric.RPC_ASIDE, at, node -> node.isUsable() ? 0 : 1, number, host);
    for (NodeFault fault : NodeFault.values()) {
      node(
          Metric.RPC_FAULTS,
          at,
          node -> node.faults().getOrDefault(fault, 0L),
          number,
          host,
          fault.name().toLowerCase(Locale.ROOT));
    }
  }

  private void node(
      Metric metric, int at, ToDoubleFunction<NodeStanding> figure, String... labels) {
    seen(metric, money -> figure.applyAsDouble(money.standing().nodes().get(at)), labels);
  }

  private void showLimits(WatchLimits limits) {
    metrics.show(Metric.LIMIT_LAG, () -> seconds(limits.lag()));
    metrics.show(Metric.LIMIT_DEADLINE, () -> seconds(limits.deadline()));
    metrics.show(Metric.LIMIT_REDEMPTIONS, limits::redemptions);
    metrics.show(Metric.LIMIT_OUTBOX, () -> seconds(limits.outbox()));
    for (EvmAddress token : tokens) {
      metrics.show(
          Metric.LIMIT_VALUE_AT_RISK,
          () ->
              limits
                  .valueAtRisk()
                  .of(token)
                  .map(MoneyMetrics::whole)
                  .orElse(Double.POSITIVE_INFINITY),
          token.toString());
    }
  }

  /** What nobody knows before the ledger has told about the channels. */
  private void told(Metric metric, ToDoubleFunction<MoneyFigures> figure, String... labels) {
    seen(
        metric,
        money -> money.newest().isPresent() ? figure.applyAsDouble(money) : Double.NaN,
        labels);
  }

  private void seen(Metric metric, ToDoubleFunction<MoneyFigures> figure, String... labels) {
    metrics.show(
        metric,
        () -> {
          Optional<MoneyFigures> money = figures.get();
          return money.isPresent() ? figure.applyAsDouble(money.get()) : Double.NaN;
        },
        labels);
  }

  private static double seconds(Duration time) {
    return time.toMillis() / 1e3;
  }

  private static double whole(TokenAmount amount) {
    return amount.value().doubleValue();
  }
}
