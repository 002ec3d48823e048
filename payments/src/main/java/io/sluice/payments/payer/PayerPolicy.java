package io.sluice.payments.payer;

import io.sluice.payments.PaymentException;
import io.sluice.payments.token.AmountMessage;
import io.sluice.payments.token.Amounts;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * What a payer lets itself in for.
 *
 * @param account whose money is spent, and whose key signs
 * @param tokens for each ledger the tokens that may be paid in; zero is the native coin
 * @param maxDeposit most that may lie in one channel beyond what has been signed away, by token; in
 *     one of which there is none, nothing
 * @param maxChallenge longest challenge period of a channel that is opened
 * @param confirmations after how many blocks a deposit counts at least; a payee may ask for more
 * @param maxConfirmations most that a payee may ask for: a deal waits for all of them
 * @param writer writes an amount of a token for people
 */
public record PayerPolicy(
    EvmAddress account,
    Map<Domain, Set<EvmAddress>> tokens,
    Amounts maxDeposit,
    Duration maxChallenge,
    long confirmations,
    long maxConfirmations,
    BiFunction<TokenAmount, EvmAddress, String> writer) {

  /** Default of {@code maxChallenge}. */
  public static final Duration DEFAULT_MAX_CHALLENGE = Duration.ofDays(7);

  /** Default of {@code maxConfirmations}. */
  public static final long DEFAULT_MAX_CONFIRMATIONS = 100;

  /** Copies the map. */
  public PayerPolicy {
    tokens = Map.copyOf(tokens);
  }

  /** Where the same bound holds for each token, and amounts are written in base units. */
  public PayerPolicy(
      EvmAddress account,
      Map<Domain, Set<EvmAddress>> tokens,
      TokenAmount maxDeposit,
      Duration maxChallenge,
      long confirmations,
      long maxConfirmations) {
    this(
        account,
        tokens,
        Amounts.ofEach(tokens.values().stream().flatMap(Set::stream).toList(), maxDeposit),
        maxChallenge,
        confirmations,
        maxConfirmations,
        (amount, token) -> AmountMessage.inBaseUnits(amount));
  }

  /** {@code MAX_DEPOSIT} if so much would lie in a channel beyond what has been signed away. */
  void checkDeposit(EvmAddress token, TokenAmount wanted) {
    TokenAmount most = maxDeposit.orZero(token);
    if (wanted.exceeds(most)) {
      throw new PaymentException(
          DealCode.MAX_DEPOSIT,
          AmountMessage.of(
              "%s would lie in the channel, payments.max-deposit allows %s", wanted, most),
          wanted.minus(most));
    }
  }

  boolean takes(Domain domain, EvmAddress token) {
    Set<EvmAddress> known = tokens.get(domain);
    return known != null && known.contains(token);
  }
}
