package io.sluice.payments.payee;

import io.sluice.payments.Forecast;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.Optional;

/**
 * What there is to redeem on a channel, at one moment.
 *
 * <p>Redeeming costs gas, and only amounts of the coin that gas is paid in can be held against
 * that. What another token is worth nobody here knows: of one it is redeemed what is old or much,
 * and never less than {@code payments.minimum-redemption}.
 *
 * @param token of which
 * @param value what a redemption of everything would bring
 * @param isEnding whether the payer takes its money back: what is not redeemed soon is lost
 * @param isQuiet whether no deal runs on it, so that nothing is about to be added
 * @param since since when there has been something
 */
record Redeemable(
    EvmAddress token,
    TokenAmount value,
    boolean isEnding,
    boolean isQuiet,
    Optional<Instant> since) {
  // How many times its cost a redemption has to bring: when nobody is about to add to it, when
  // the ledger is cheap, and when it is old or much.
  private static final long WORTH = 20;
  private static final long WORTH_WHEN_CHEAP = 5;
  private static final long WORTH_WHEN_PRESSING = 3;

  /**
   * Whether it is time to redeem by itself: at once when the payer settles, else when it is worth
   * it. Between deals that is soon; while a deal runs, more is about to come, so it has to be old,
   * much, or cheap.
   *
   * @param cost of a redemption
   * @param isCheap whether that is little for this ledger
   */
  boolean isTime(TokenAmount cost, boolean isCheap, PayeePolicy policy, Instant now) {
    if (isEnding) {
      return isCoin() ? value.exceeds(cost) : isEnough(policy);
    }
    if (!isEnough(policy)) {
      return false;
    }
    if (!isCoin()) {
      return isPressing(policy, now);
    }
    return (isQuiet && value.isWorth(WORTH, cost))
        || (isCheap && value.isWorth(WORTH_WHEN_CHEAP, cost))
        || (isPressing(policy, now) && value.isWorth(WORTH_WHEN_PRESSING, cost));
  }

  /** Whether it is redeemed with others for which it is time: what that adds costs little. */
  boolean joins(TokenAmount cost, PayeePolicy policy) {
    return isEnough(policy) && (!isCoin() || value.isWorth(WORTH_WHEN_CHEAP, cost));
  }

  private boolean isCoin() {
    return token.isZero();
  }

  private boolean isEnough(PayeePolicy policy) {
    return !value.isZero() && !isTooLittle(policy);
  }

  private boolean isTooLittle(PayeePolicy policy) {
    return policy.minimumRedemption().orZero(token).exceeds(value);
  }

  /** When it will be redeemed by itself, by the rules of {@link #isTime}. */
  Forecast forecast(TokenAmount cost, boolean isCheap, PayeePolicy policy, Instant now) {
    if (isTime(cost, isCheap, policy, now)) {
      return Forecast.at(
          now,
          isEnding
              ? "the payer takes its deposit back"
              : isCoin() ? "it is worth what redeeming costs" : "it is old, or much");
    }
    if (isEnding && isCoin()) {
      return Forecast.waits(
          "the payer takes its deposit back, but redeeming would cost more than it brings");
    }
    if (isTooLittle(policy)) {
      return Forecast.waits("it is less than payments.minimum-redemption");
    }
    if (!isCoin() || value.isWorth(WORTH_WHEN_PRESSING, cost)) {
      return new Forecast(
          since.map(at -> at.plus(policy.maxUnredeemedAge())),
          "it is older than payments.max-unredeemed-age by then");
    }
    return Forecast.waits(
        "it waits until it is worth %d times what redeeming costs".formatted(WORTH_WHEN_PRESSING));
  }

  private boolean isPressing(PayeePolicy policy, Instant now) {
    return policy.maxUnredeemed().of(token).filter(value::exceeds).isPresent()
        || since.filter(at -> at.plus(policy.maxUnredeemedAge()).isBefore(now)).isPresent();
  }
}
