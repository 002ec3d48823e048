package io.sluice.payments.payee;

import io.sluice.payments.token.AmountMessage;
import io.sluice.payments.token.Amounts;
import io.sluice.payments.token.Token;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.util.List;

/**
 * What a payee takes, and how far it trusts.
 *
 * @param payees where it may be paid, and on which conditions; what it offers in asks
 * @param payerUnpaidBytes most bytes that one payer's live deals may have open
 * @param nodeUnpaidBytes above so many open bytes in all, windows shrink to the first interval
 * @param minimumStep a voucher that adds less base units than this counts later, whatever the
 *     token, unless it clears what is owed
 * @param minimumRedemption nothing less of a token is redeemed by itself; of one of which there is
 *     none, everything is
 * @param maxUnredeemedAge after this long whatever is worth it is redeemed
 * @param maxUnredeemed above this, what a channel owes is redeemed even while deals run on it; of a
 *     token of which there is none, age alone decides
 * @param staleAfter a view of the ledger older than this lets nothing new count
 * @param maxLanes lanes kept per channel
 * @param maxChannels channels kept per payer
 */
public record PayeePolicy(
    List<Payee> payees,
    long payerUnpaidBytes,
    long nodeUnpaidBytes,
    TokenAmount minimumStep,
    Amounts minimumRedemption,
    Duration maxUnredeemedAge,
    Amounts maxUnredeemed,
    Duration staleAfter,
    int maxLanes,
    int maxChannels) {

  /** A tenth of what a channel is topped up to by default, of a token with 18 decimals. */
  private static final TokenAmount MUCH = TokenAmount.parse("100000000000000000000");

  /** Copies the list. */
  public PayeePolicy {
    payees = List.copyOf(payees);
    if (payerUnpaidBytes < 1 || nodeUnpaidBytes < 1 || maxLanes < 1 || maxChannels < 1) {
      throw new IllegalArgumentException("limits must be positive");
    }
  }

  /** Where the same two bounds hold for each token that is taken. */
  public PayeePolicy(
      List<Payee> payees,
      long payerUnpaidBytes,
      long nodeUnpaidBytes,
      TokenAmount minimumStep,
      TokenAmount minimumRedemption,
      Duration maxUnredeemedAge,
      TokenAmount maxUnredeemed,
      Duration staleAfter,
      int maxLanes,
      int maxChannels) {
    this(
        payees,
        payerUnpaidBytes,
        nodeUnpaidBytes,
        minimumStep,
        ofEach(payees, minimumRedemption),
        maxUnredeemedAge,
        ofEach(payees, maxUnredeemed),
        staleAfter,
        maxLanes,
        maxChannels);
  }

  private static Amounts ofEach(List<Payee> payees, TokenAmount amount) {
    return Amounts.ofEach(payees.stream().map(Payee::token).toList(), amount);
  }

  /** Writes an amount of what one of ours is paid in. */
  static String written(Payee ours, TokenAmount amount) {
    try {
      return new Token(
              ours.symbol().orElse(""),
              ours.token(),
              ours.decimals().map(Math::toIntExact).orElse(-1))
          .show(amount);
    } catch (IllegalArgumentException | ArithmeticException e) { // not known how it is shown
      return AmountMessage.inBaseUnits(amount);
    }
  }

  /** The defaults, for those payees. */
  public static PayeePolicy of(List<Payee> payees) {
    return new PayeePolicy(
        payees,
        64L << 20,
        1L << 30,
        TokenAmount.ZERO,
        TokenAmount.of(1),
        Duration.ofHours(24),
        MUCH,
        Duration.ofMinutes(10),
        10_000,
        16);
  }
}
