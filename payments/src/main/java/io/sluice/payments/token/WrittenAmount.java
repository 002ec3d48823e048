package io.sluice.payments.token;

import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigInteger;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount as a person wrote it: base units, or a decimal with a token's symbol. Which token that
 * is, and how many base units it makes, {@link Tokens} say.
 *
 * @param whole digits before the point, or all there are
 * @param fraction digits after it; empty without one
 * @param symbol of the token; absent for base units
 */
public record WrittenAmount(String whole, String fraction, Optional<String> symbol) {
  /** Nothing, in base units. */
  public static final WrittenAmount ZERO = new WrittenAmount("0", "", Optional.empty());

  /** Of 2^128 - 1: numbers of a million digits are not even counted with. */
  private static final int MOST_DIGITS = 39;

  private static final Pattern UNITS = Pattern.compile("[0-9]+(?:_+[0-9]+)*");

  private static final Pattern DECIMAL =
      Pattern.compile("([0-9]+)(?:\\.([0-9]+))? *([A-Za-z][A-Za-z0-9.-]*)");

  /**
   * Reads base units, {@code 12500} or {@code 12_500}, or a decimal with a symbol, {@code 0.0125
   * FIL} or {@code 0.0125FIL}. No sign, no exponent, no thousands marks, no other digits.
   *
   * @throws IllegalArgumentException with a message for a person
   */
  public static WrittenAmount parse(String text) {
    String bare = text.strip();
    if (UNITS.matcher(bare).matches()) {
      WrittenAmount units = new WrittenAmount(bare.replace("_", ""), "", Optional.empty());
      units.units(); // a number too large is one whatever the token
      return units;
    }
    Matcher decimal = DECIMAL.matcher(bare);
    if (!decimal.matches()) {
      throw new IllegalArgumentException(
          "'%s' is not a valid amount; expected a whole number of base units, or a decimal with the"
                  .formatted(shortened(text))
              + " token's symbol such as 0.0125 FIL");
    }
    return new WrittenAmount(
        decimal.group(1),
        Optional.ofNullable(decimal.group(2)).orElse(""),
        Optional.of(decimal.group(3)));
  }

  private static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }

  /** As base units, if it has no symbol. */
  TokenAmount units() {
    return bounded(whole);
  }

  /** That many base units; throws {@link IllegalArgumentException} from 2^128 up. */
  static TokenAmount bounded(String digits) {
    String significant = digits.replaceFirst("^0+", "");
    if (significant.length() <= MOST_DIGITS) {
      BigInteger units = new BigInteger("0" + significant);
      if (units.bitLength() <= 128) {
        return new TokenAmount(units);
      }
    }
    throw new IllegalArgumentException("an amount is less than 2^128 base units; this one is not");
  }
}
