package io.sluice.node.client;

import io.sluice.node.api.ServiceException;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigInteger;
import java.util.Optional;

/**
 * What all deals of one order together may cost, fees included: the user's limit, else what the
 * provider asked for at the beginning and a tenth more. All that is spent is of one token.
 */
final class SpendingLimit {
  private final Optional<TokenAmount> most;
  private final Tokens tokens;
  private TokenAmount spent = TokenAmount.ZERO;
  private TokenAmount before = TokenAmount.ZERO;
  private long vouchers;
  private EvmAddress token;

  /**
   * @param most what may be spent, if the user named it
   * @param tokens what amounts are shown in
   */
  SpendingLimit(Optional<TokenAmount> most, Tokens tokens) {
    this.most = most;
    this.tokens = tokens;
    this.token = tokens.paidIn();
  }

  /**
   * What is paid in from here on.
   *
   * @throws IllegalStateException if something else was spent already: sums would mean nothing
   */
  void payIn(EvmAddress next) {
    if (!spent.isZero() && !token.equals(next)) {
      throw new IllegalStateException("spent " + token + ", and now " + next);
    }
    token = next;
  }

  /** What was spent was of that token; empty as long as nothing was. */
  Optional<EvmAddress> spentIn() {
    return spent.isZero() ? Optional.empty() : Optional.of(token);
  }

  /**
   * The order is run once more, since something of it was lost again: what it cost so far counts
   * against the limit that the user named, not against what is asked for now.
   */
  void runAgain() {
    before = spent;
  }

  /**
   * A deal of an earlier command goes on, which has paid so much: that, too, is not of what is
   * asked for now. Once it is over, it counts as spent with all that it cost.
   */
  void goOnFrom(TokenAmount paid) {
    before = before.plus(paid);
  }

  /** A deal has ended and cost so much. */
  void spend(TokenAmount paid, long inVouchers) {
    spent = spent.plus(paid);
    vouchers += inVouchers;
  }

  /** What the deals that have ended cost. */
  TokenAmount spent() {
    return spent;
  }

  /** In how many vouchers. */
  long vouchers() {
    return vouchers;
  }

  /**
   * The budget of the next deal.
   *
   * @param whole bytes that were missing when the order began; absent if nobody knows
   * @param rest bytes that are missing now
   * @throws ServiceException {@code PRICE_TOO_HIGH} if less is left than it will cost
   */
  TokenAmount budget(Terms terms, Optional<Long> whole, Optional<Long> rest)
      throws ServiceException {
    Optional<TokenAmount> limit =
        most.or(() -> whole.map(terms::due).map(SpendingLimit::withMargin));
    if (limit.isEmpty()) {
      throw new ServiceException(
          DealCode.PRICE_TOO_HIGH, "the size is not known: name a limit with --max-total");
    }
    TokenAmount counted = most.isPresent() ? spent : spent.minusOrZero(before);
    TokenAmount left = limit.get().minusOrZero(counted);
    Optional<TokenAmount> cost = rest.map(terms::due);
    if (cost.isPresent() && cost.get().exceeds(left)) {
      throw new ServiceException(
          DealCode.PRICE_TOO_HIGH,
          counted.isZero()
              ? "it costs %s, you allow %s"
                  .formatted(tokens.show(cost.get(), token), tokens.show(limit.get(), token))
              : "the rest costs %s, of the %s allowed %s are spent"
                  .formatted(
                      tokens.show(cost.get(), token),
                      tokens.show(limit.get(), token),
                      tokens.show(counted, token)));
    }
    return cost.map(SpendingLimit::withMargin).map(left::min).orElse(left);
  }

  private static TokenAmount withMargin(TokenAmount quote) {
    return quote.plus(new TokenAmount(quote.value().divide(BigInteger.TEN)));
  }
}
