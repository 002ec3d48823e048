package io.sluice.cli.arguments;

import io.sluice.cli.arguments.ArgumentTypes.Amount;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.token.TokenSum;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigInteger;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A price, for a MiB or for a GiB. On the wire it is one for a MiB, in whole base units: not every
 * price for a GiB is one, and none is rounded in silence.
 */
public final class PriceOptions {
  private static final BigInteger MIB_IN_GIB = BigInteger.valueOf(1024);

  private @Nullable Amount perMiB;
  private @Nullable Amount perGiB;

  /** Declares both options: {@code price} or {@code max-price}, and what it is said to be. */
  public void declare(Arguments arguments, String name, String says) {
    arguments
        .option("--%s-per-mib=N".formatted(name), Amount.class, value -> perMiB = value)
        .says(says)
        .option("--%s-per-gib=N".formatted(name), Amount.class, value -> perGiB = value)
        .says("The same for each GiB, such as 0.01FIL; one of both.");
  }

  /** The price asked; where it is for a GiB, a whole number of base units for each MiB. */
  public TokenSum asked(Tokens tokens, TokenOption token) throws ServiceException {
    checkOne();
    for (Amount price : Stream.of(perMiB, perGiB).filter(Objects::nonNull).toList()) {
      if (price.written().symbol().isPresent()) { // a price in what nobody can pay in here
        var unused = TokenOption.find(price.written().symbol().get(), tokens);
      }
    }
    if (perGiB == null) {
      return token
          .ifGiven(perMiB, tokens)
          .orElseThrow(
              () ->
                  new ServiceException(
                      ErrorCode.USAGE, "name a price: --price-per-mib=N or --price-per-gib=N"));
    }
    return perMiB(token.sum(perGiB, tokens), tokens);
  }

  /** The dearest price accepted, if one was given: a price is above the one if above the other. */
  public Optional<TokenSum> limit(Tokens tokens, TokenOption token) throws ServiceException {
    checkOne();
    if (perGiB == null) {
      return token.ifGiven(perMiB, tokens);
    }
    TokenSum limit = token.sum(perGiB, tokens);
    return Optional.of(
        new TokenSum(limit.token(), new TokenAmount(limit.amount().value().divide(MIB_IN_GIB))));
  }

  private void checkOne() throws ServiceException {
    if (perMiB != null && perGiB != null) {
      throw new ServiceException(
          ErrorCode.USAGE, "the price is for each MiB or for each GiB, not for both");
    }
  }

  /**
   * The price for a MiB that a price for a GiB is.
   *
   * @throws ServiceException {@code BAD_AMOUNT} with the two nearest, if it is none
   */
  public static TokenSum perMiB(TokenSum perGiB, Tokens tokens) throws ServiceException {
    EvmAddress token = perGiB.token();
    BigInteger[] parts = perGiB.amount().value().divideAndRemainder(MIB_IN_GIB);
    if (parts[1].signum() != 0) {
      throw new ServiceException(
          ErrorCode.BAD_AMOUNT,
          "%s for a GiB is no whole number of base units for a MiB; the nearest that are: %s and %s"
              .formatted(
                  tokens.show(perGiB.amount(), token),
                  perGiB(new TokenAmount(parts[0]), tokens, token),
                  perGiB(new TokenAmount(parts[0].add(BigInteger.ONE)), tokens, token)));
    }
    return new TokenSum(token, new TokenAmount(parts[0]));
  }

  /** What a GiB costs at that price for a MiB; such a price may be more than any amount can be. */
  public static String perGiB(TokenAmount perMiB, Tokens tokens, EvmAddress address) {
    BigInteger units = perMiB.value().multiply(MIB_IN_GIB);
    return tokens
        .at(address)
        .map(token -> token.decimal(units) + " " + token.symbol())
        .orElseGet(() -> units + " base units");
  }
}
