package io.sluice.payments.home;

import io.sluice.payments.Forecast;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;

/**
 * Credit of the home's account on one ledger, of one token.
 *
 * @param token of which token
 * @param amount how much
 * @param since since when it has gathered
 */
record GatheredCredit(EvmAddress token, TokenAmount amount, Instant since) {
  /** A withdrawal costs less than a redemption; what it moves should be many times that. */
  private static final long WORTH = 3;

  /**
   * When it will be withdrawn, and why then.
   *
   * @param cost of a redemption, in amounts of that token
   * @param least what is worth moving where its cost is in another token
   */
  Forecast forecast(AutopilotPolicy policy, TokenAmount cost, TokenAmount least, Instant now) {
    if (policy.payoutAbove().of(token).isEmpty() && policy.payoutEvery().isEmpty()) {
      return Forecast.waits("neither payout.above nor payout.every is set; withdraw it by hand");
    }
    if (!amount.isWorth(WORTH, cost)) {
      return Forecast.waits(
          "it waits until it is worth %d times what redeeming costs".formatted(WORTH));
    }
    if (policy.payoutAbove().of(token).filter(above -> !above.exceeds(amount)).isPresent()) {
      return Forecast.at(now, "it has reached payout.above");
    }
    if (!token.isZero() && least.exceeds(amount)) {
      return Forecast.waits("it is less than payments.minimum-redemption");
    }
    return policy
        .payoutEvery()
        .map(every -> Forecast.at(since.plus(every), "payout.every is over by then"))
        .orElseGet(() -> Forecast.waits("it is below payout.above"));
  }

  /** Whether it is time to. */
  boolean isTime(AutopilotPolicy policy, TokenAmount cost, TokenAmount least, Instant now) {
    return !amount.isZero()
        && forecast(policy, cost, least, now).at().filter(at -> !at.isAfter(now)).isPresent();
  }
}
