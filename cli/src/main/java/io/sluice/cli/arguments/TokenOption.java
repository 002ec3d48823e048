package io.sluice.cli.arguments;

import io.sluice.cli.arguments.ArgumentTypes.Amount;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.token.TokenSum;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.EvmAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which token an amount is of, where its symbol does not say that. */
public final class TokenOption {
  private @Nullable String token;

  /** Declares {@code --token}. */
  public void declare(Arguments arguments, String says) {
    arguments.option("--token=TOKEN", String.class, value -> token = value).says(says);
  }

  /** The address of the token that was named, if one was. */
  public Optional<EvmAddress> named(Tokens tokens) throws ServiceException {
    return token == null ? Optional.empty() : Optional.of(find(token, tokens));
  }

  /** The same as commands send it. */
  public Optional<String> text(Tokens tokens) throws ServiceException {
    return named(tokens).map(EvmAddress::toString);
  }

  /** The token's address: of a symbol, an address, or {@code native}. */
  public static EvmAddress find(String named, Tokens tokens) throws ServiceException {
    try {
      return tokens.find(named);
    } catch (IllegalArgumentException e) {
      throw new ServiceException(ErrorCode.USAGE, "" + e.getMessage(), e);
    }
  }

  /** An amount: of the token that was named, else of that of its symbol, else of the first. */
  public TokenSum sum(Amount amount, Tokens tokens) throws ServiceException {
    Optional<EvmAddress> named = named(tokens);
    return named.isPresent()
        ? new TokenSum(named.get(), amount.units(tokens, named.get()))
        : amount.sum(tokens);
  }

  /** The same of an amount that may not have been given. */
  public Optional<TokenSum> ifGiven(@Nullable Amount amount, Tokens tokens)
      throws ServiceException {
    return amount == null ? Optional.empty() : Optional.of(sum(amount, tokens));
  }
}
