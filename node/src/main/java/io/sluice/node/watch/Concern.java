package io.sluice.node.watch;

import io.sluice.payments.ChannelBook.Role;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.watch.MoneyFigures;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** What can be the matter with a node's money, the gravest first. */
public enum Concern {
  /** The ledger cannot be asked: nothing is opened, redeemed or settled meanwhile. */
  LEDGER_UNREACHABLE(true, Concern::unreachable),
  /** The newest block is old: the chain stands still, or its nodes lag. */
  CHAIN_LAG(true, Concern::lag),
  /** A payer takes back soon what vouchers are covered by that are not redeemed. */
  DEADLINE_NEAR(true, Concern::deadline),
  /** A payer may have taken it back already. */
  DEADLINE_MISSED(false, Concern::missed),
  /** The account does not hold the gas of a few redemptions. */
  GAS_LOW(false, Concern::gas),
  /** A transaction waits for a block. */
  OUTBOX_STUCK(false, Concern::stuck),
  /** Much has been earned and not redeemed. */
  VALUE_AT_RISK(false, Concern::atRisk),
  /** The chain's end has changed by more blocks than make something count. */
  DEEP_REORGANISATION(false, Concern::reorganised);

  /**
   * One that there is.
   *
   * @param concern which
   * @param detail one sentence for a person
   */
  public record Found(Concern concern, String detail) {}

  private interface Judge {
    Optional<String> detail(MoneyFigures money, WatchLimits limits, Tokens tokens);
  }

  private final boolean isGrave;
  private final Judge judge;

  Concern(boolean isGrave, Judge judge) {
    this.isGrave = isGrave;
    this.judge = judge;
  }

  /** Whether a node with it should get no new work. */
  public boolean isGrave() {
    return isGrave;
  }

  /** Its name in metrics and answers. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** All that there are. */
  static List<Found> all(MoneyFigures money, WatchLimits limits, Tokens tokens) {
    List<Found> found = new ArrayList<>();
    Arrays.stream(values())
        .forEach(
            concern ->
                concern
                    .judge
                    .detail(money, limits, tokens)
                    .ifPresent(detail -> found.add(new Found(concern, detail))));
    return found;
  }

  private static Optional<String> when(boolean holds, String detail) {
    return holds ? Optional.of(detail) : Optional.empty();
  }

  private static Optional<String> unreachable(
      MoneyFigures money, WatchLimits limits, Tokens tokens) {
    return when(money.ledger().isEmpty(), "the ledger cannot be asked; the log has the cause");
  }

  private static Optional<String> lag(MoneyFigures money, WatchLimits limits, Tokens tokens) {
    return money
        .headAge()
        .filter(age -> age.compareTo(limits.lag()) > 0)
        .map(age -> "the ledger's newest block is %s old".formatted(text(age)));
  }

  private static Optional<String> deadline(MoneyFigures money, WatchLimits limits, Tokens tokens) {
    return money
        .deadline()
        .filter(left -> left.compareTo(limits.deadline()) < 0)
        .map(
            left ->
                "vouchers over %s are not redeemed; the first of them are worthless in %s"
                    .formatted(sums(tokens, money::endangered).orElseThrow(), text(left)));
  }

  private static Optional<String> missed(MoneyFigures money, WatchLimits limits, Tokens tokens) {
    return sums(tokens, money::missed).map("vouchers over %s were not redeemed in time"::formatted);
  }

  private static Optional<String> gas(MoneyFigures money, WatchLimits limits, Tokens tokens) {
    return money
        .ledger()
        .filter(
            ledger ->
                ledger
                        .redemptionCost()
                        .value()
                        .multiply(BigInteger.valueOf(limits.redemptions()))
                        .compareTo(ledger.coin().value())
                    > 0)
        .map(
            ledger ->
                "the account has %s, less than %d redemptions cost at %s each"
                    .formatted(
                        coin(tokens, ledger.coin()),
                        limits.redemptions(),
                        coin(tokens, ledger.redemptionCost())));
  }

  private static String coin(Tokens tokens, TokenAmount amount) {
    return tokens.show(amount, EvmAddress.ZERO);
  }

  private static Optional<String> stuck(MoneyFigures money, WatchLimits limits, Tokens tokens) {
    return when(
        money.oldestWaiting().compareTo(limits.outbox()) > 0,
        "a transaction has waited for a block for %s, %d in all"
            .formatted(text(money.oldestWaiting()), money.standing().waiting().count()));
  }

  private static Optional<String> atRisk(MoneyFigures money, WatchLimits limits, Tokens tokens) {
    return sums(
            tokens,
            token -> {
              TokenAmount owed = money.atRisk(Role.PAYEE, token);
              boolean isMuch = limits.valueAtRisk().of(token).filter(owed::exceeds).isPresent();
              return isMuch ? owed : TokenAmount.ZERO;
            })
        .map("vouchers over %s are not redeemed"::formatted);
  }

  /** What there is of each token that is paid in; empty if there is nothing of any. */
  private static Optional<String> sums(Tokens tokens, Function<EvmAddress, TokenAmount> of) {
    return tokens.accepted().stream()
        .filter(token -> !of.apply(token).isZero())
        .map(token -> tokens.show(of.apply(token), token))
        .reduce((some, others) -> some + " and " + others);
  }

  private static Optional<String> reorganised(
      MoneyFigures money, WatchLimits limits, Tokens tokens) {
    long deepest = money.standing().reorganisations().deepest();
    return money
        .newest()
        .filter(block -> deepest > block.unsettled())
        .map(
            block ->
                "%d blocks at the chain's end were replaced by others, and only %d are waited for"
                    .formatted(deepest, block.unsettled()));
  }

  private static String text(Duration time) {
    return time.toSeconds() + " s";
  }
}
