package io.sluice.cli.arguments;

import io.sluice.cli.arguments.ArgumentTypes.Amount;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.token.TokenSum;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What may be paid for something. All of it is of one token.
 *
 * @param maxPricePerMiB dearest price
 * @param maxTotal most in all
 * @param token what is paid in; empty where neither a limit nor anybody names it
 */
public record PaymentLimits(
    Optional<TokenAmount> maxPricePerMiB,
    Optional<TokenAmount> maxTotal,
    Optional<EvmAddress> token) {

  /**
   * What was given on the command line.
   *
   * @throws ServiceException {@code USAGE} if the two limits are of different tokens
   */
  public static PaymentLimits of(
      PriceOptions price, @Nullable Amount total, TokenOption token, Tokens tokens)
      throws ServiceException {
    Optional<TokenSum> most = price.limit(tokens, token);
    Optional<TokenSum> inAll = token.ifGiven(total, tokens);
    Optional<EvmAddress> ofPrice = most.map(TokenSum::token);
    Optional<EvmAddress> ofTotal = inAll.map(TokenSum::token);
    if (ofPrice.isPresent() && ofTotal.isPresent() && !ofPrice.equals(ofTotal)) {
      throw new ServiceException(
          ErrorCode.USAGE,
          "the limits have to be of one token: the price is in %s, the total in %s"
              .formatted(tokens.name(ofPrice.get()), tokens.name(ofTotal.get())));
    }
    Optional<EvmAddress> named = token.named(tokens);
    return new PaymentLimits(
        most.map(TokenSum::amount),
        inAll.map(TokenSum::amount),
        ofPrice.or(() -> ofTotal).or(() -> named));
  }
}
