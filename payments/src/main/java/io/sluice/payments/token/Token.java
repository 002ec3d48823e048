package io.sluice.payments.token;

import io.sluice.payments.ledger.LedgerFacts;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigInteger;
import java.util.regex.Pattern;

/**
 * A token as amounts of it are read and shown. What a peer claims about a token is never one of
 * these: they come from the ledger and the configuration alone.
 *
 * @param symbol one to 16 letters, digits, dots and dashes, a letter first
 * @param address the token's contract; zero for the ledger's native coin
 * @param decimals how many decimals one whole token has, 0 to 38
 */
public record Token(String symbol, EvmAddress address, int decimals) {
  /** One more, and not even one whole token would be a possible amount. */
  private static final int MOST_DECIMALS = 38;

  private static final Pattern SYMBOL = Pattern.compile("[A-Za-z][A-Za-z0-9.-]{0,15}");

  /** Throws {@link IllegalArgumentException} where symbol or decimals are out of their range. */
  public Token {
    if (!SYMBOL.matcher(symbol).matches()) {
      throw new IllegalArgumentException(
          "'%s' is not a symbol; expected up to 16 letters, digits, dots and dashes"
              .formatted(symbol));
    }
    if (decimals < 0 || decimals > MOST_DECIMALS) {
      throw new IllegalArgumentException(
          "%s cannot have %d decimals; expected 0 to %d"
              .formatted(symbol, decimals, MOST_DECIMALS));
    }
  }

  /** The native coin of a ledger. */
  public static Token coinOf(LedgerFacts facts) {
    return new Token(facts.symbol(), EvmAddress.ZERO, facts.decimals());
  }

  /**
   * Reads {@code SYMBOL:ADDRESS:DECIMALS}, as configuration has it.
   *
   * @throws IllegalArgumentException with a message for a person
   */
  public static Token parse(String text) {
    String[] parts = text.strip().split(":", -1);
    if (parts.length != 3 || !parts[2].matches("[0-9]{1,2}")) {
      throw new IllegalArgumentException(
          "'%s' is not a token; expected SYMBOL:ADDRESS:DECIMALS".formatted(text));
    }
    return new Token(parts[0], address(parts[1]), Integer.parseInt(parts[2]));
  }

  /** Throws {@link IllegalArgumentException} with a message for a person if it is none. */
  static EvmAddress address(String text) {
    try {
      return EvmAddress.parse(text);
    } catch (ProtocolException e) {
      throw new IllegalArgumentException(
          "'%s' is not the address of a token; expected 0x and 40 digits".formatted(text), e);
    }
  }

  /** The amount as the shortest exact decimal with the symbol, such as {@code 0.0125 FIL}. */
  public String show(TokenAmount amount) {
    return decimal(amount.value()) + " " + symbol;
  }

  /** That many base units as the shortest exact decimal, without the symbol. */
  public String decimal(BigInteger units) {
    String digits = units.toString();
    String padded = "0".repeat(Math.max(0, decimals + 1 - digits.length())) + digits;
    int point = padded.length() - decimals;
    int end = padded.length();
    while (end > point && padded.charAt(end - 1) == '0') {
      end--;
    }
    String whole = padded.substring(0, point);
    return end == point ? whole : whole + "." + padded.substring(point, end);
  }

  /**
   * How many base units a decimal is, exactly.
   *
   * @param whole digits before the point
   * @param fraction digits after it; zeros at the end count for nothing
   * @throws IllegalArgumentException if it has more decimals than the token, or is 2^128 base units
   *     or more
   */
  TokenAmount units(String whole, String fraction) {
    int end = fraction.length();
    while (end > 0 && fraction.charAt(end - 1) == '0') {
      end--;
    }
    if (end > decimals) {
      throw new IllegalArgumentException(
          "%s.%s %s has %d decimals; %s has %d"
              .formatted(whole, fraction, symbol, end, symbol, decimals));
    }
    return WrittenAmount.bounded(whole + fraction.substring(0, end) + "0".repeat(decimals - end));
  }
}
