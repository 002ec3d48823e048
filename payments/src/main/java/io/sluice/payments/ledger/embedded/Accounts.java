package io.sluice.payments.ledger.embedded;

import io.sluice.payments.ledger.LedgerError;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Sums by token and account. */
final class Accounts {
  private record AccountKey(EvmAddress token, EvmAddress account) {}

  private final Map<AccountKey, TokenAmount> amounts = new HashMap<>();

  TokenAmount of(EvmAddress token, EvmAddress account) {
    return amounts.getOrDefault(new AccountKey(token, account), TokenAmount.ZERO);
  }

  void add(EvmAddress token, EvmAddress account, TokenAmount amount) {
    amounts.merge(new AccountKey(token, account), amount, TokenAmount::plus);
  }

  /** Refuses with {@code error} if there is less. */
  void take(EvmAddress token, EvmAddress account, TokenAmount amount, LedgerError error) {
    require(token, account, amount, error);
    amounts.put(new AccountKey(token, account), of(token, account).minus(amount));
  }

  void require(EvmAddress token, EvmAddress account, TokenAmount amount, LedgerError error) {
    TokenAmount owned = of(token, account);
    if (amount.exceeds(owned)) {
      throw new LedgerRefusal(
          error,
          "%s has %s, not %s".formatted(account, written(owned, token), written(amount, token)));
    }
  }

  /** An amount for people. */
  static String written(TokenAmount amount, EvmAddress token) {
    return new Tokens(Token.coinOf(EmbeddedLedger.FACTS), List.of()).show(amount, token);
  }

  /** The sum over all accounts of a token. */
  TokenAmount total(EvmAddress token) {
    TokenAmount sum = TokenAmount.ZERO;
    for (Map.Entry<AccountKey, TokenAmount> entry : amounts.entrySet()) {
      if (entry.getKey().token().equals(token)) {
        sum = sum.plus(entry.getValue());
      }
    }
    return sum;
  }
}
