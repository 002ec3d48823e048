package io.sluice.payments.home;

import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Optional;

/**
 * Credit of the home's account on one ledger.
 *
 * @param amount how much
 * @param since since when it has gathered
 */
record GatheredCredit(TokenAmount amount, Instant since) {
  /** A withdrawal costs less than a redemption; what it moves should be many times that. */
  private static final long WORTH = 3;

  /**
   * When it will be withdrawn, and why then.
   *
   * @param at empty if something else has to change first
   */
  record Forecast(Optional<Instant> at, String reason) {}

  /**
   * As things stand.
   *
   * @param cost of a redemption
   */
  Forecast forecast(AutopilotPolicy policy, TokenAmount cost, Instant now) {
    if (!policy.paysOut()) {
      return new Forecast(
          Optional.empty(), "neither payout.above nor payout.every is set; withdraw it by hand");
    }
    if (amount.value().compareTo(cost.value().multiply(BigInteger.valueOf(WORTH))) < 0) {
      return new Forecast(
          Optional.empty(),
          "it waits until it is worth %d times what redeeming costs".formatted(WORTH));
    }
    if (policy.payoutAbove().filter(above -> !above.exceeds(amount)).isPresent()) {
      return new Forecast(Optional.of(now), "it has reached payout.above");
    }
    return policy
        .payoutEvery()
        .map(every -> new Forecast(Optional.of(since.plus(every)), "payout.every is over by then"))
        .orElseGet(() -> new Forecast(Optional.empty(), "it is below payout.above"));
  }

  /** Whether it is time to. */
  boolean isTime(AutopilotPolicy policy, TokenAmount cost, Instant now) {
    return !amount.isZero()
        && forecast(policy, cost, now).at().filter(at -> !at.isAfter(now)).isPresent();
  }
}
