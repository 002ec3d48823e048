package io.sluice.payments;

import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.LedgerFacts;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * An account that does not hold what it is to pay, in words: which account, on which ledger, how
 * much is missing, and what to do about it.
 *
 * @param facts of the ledger
 * @param domain its chain and contract
 * @param account who is to pay
 * @param token in what; zero for the native coin
 * @param needed how much
 * @param held what it has; absent where the ledger could not be asked
 */
public record Shortage(
    LedgerFacts facts,
    Domain domain,
    EvmAddress account,
    EvmAddress token,
    TokenAmount needed,
    Optional<TokenAmount> held) {

  /**
   * Asks the ledger what the account holds. Blocks; that the ledger does not answer is no error.
   */
  public static Shortage on(
      ChannelLedger ledger, EvmAddress account, EvmAddress token, TokenAmount needed) {
    Optional<TokenAmount> held;
    try {
      held = Optional.of(ledger.balance(token, account));
    } catch (IOException e) {
      held = Optional.empty(); // what is missing is then not named
    }
    return new Shortage(ledger.facts(), ledger.domain(), account, token, needed, held);
  }

  /** One sentence for a person, with the next command. */
  public String message() {
    Tokens tokens = new Tokens(Token.coinOf(facts), List.of());
    TokenAmount missing = needed.minusOrZero(held.orElse(TokenAmount.ZERO));
    if (missing.isZero()) {
      return "account %s cannot pay the fees of %s beside the %s needed; send it more %s"
          .formatted(account, where(), tokens.show(needed, token), facts.symbol());
    }
    String lacks =
        held.map(
                owned ->
                    "account %s has %s on %s and needs %s: %s missing"
                        .formatted(
                            account,
                            tokens.show(owned, token),
                            where(),
                            tokens.show(needed, token),
                            tokens.show(missing, token)))
            .orElseGet(
                () ->
                    "account %s does not have the %s needed on %s"
                        .formatted(account, tokens.show(needed, token), where()));
    return lacks + "; " + remedy(tokens, missing);
  }

  private String where() {
    return "the %s ledger (chain %d)".formatted(facts.kind(), domain.chainId());
  }

  private String remedy(Tokens tokens, TokenAmount missing) {
    String more = tokens.show(missing, token);
    return facts.kind().equals("embedded")
        ? "run 'sluice faucet %s %s'".formatted(account, more.replace(" ", ""))
        : "send %s to that account, then run the same command".formatted(more);
  }
}
