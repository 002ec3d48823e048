package io.sluice.protocol.retrieval;

import io.sluice.protocol.ProtocolException;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * An amount of money in the token's base units: never negative, below 2^128, exact.
 *
 * <p>Sums throw {@link ArithmeticException} instead of wrapping or going below zero. On the wire an
 * amount is a byte string, big-endian, unsigned and minimal; zero is the empty string.
 */
public record TokenAmount(BigInteger value) implements Comparable<TokenAmount> {
  /** Nothing. */
  public static final TokenAmount ZERO = new TokenAmount(BigInteger.ZERO);

  private static final int MAX_BITS = 128;

  /** Throws {@link ArithmeticException} if the value is negative or needs more than 128 bits. */
  public TokenAmount {
    if (value.signum() < 0 || value.bitLength() > MAX_BITS) {
      throw new ArithmeticException("amount out of range 0..2^128-1: " + value);
    }
  }

  /** The amount of that many base units. */
  public static TokenAmount of(long units) {
    return units == 0 ? ZERO : new TokenAmount(BigInteger.valueOf(units));
  }

  /** Reads the decimal form that {@link #toString} writes; anything else is {@code BAD_AMOUNT}. */
  public static TokenAmount parse(String text) {
    if (text.isEmpty()
        || text.length() > 39
        || !text.chars().allMatch(digit -> digit >= '0' && digit <= '9')) {
      throw new ProtocolException("BAD_AMOUNT", "not a whole number of base units: " + text);
    }
    return bounded(new BigInteger(text));
  }

  /** Reads the wire form; {@code BAD_AMOUNT} if it is longer than 16 bytes or not minimal. */
  public static TokenAmount ofBytes(byte[] bytes) {
    if (bytes.length > MAX_BITS / 8 || (bytes.length > 0 && bytes[0] == 0)) {
      throw new ProtocolException(
          "BAD_AMOUNT", "amount of " + bytes.length + " bytes, not minimal");
    }
    return new TokenAmount(new BigInteger(1, bytes));
  }

  /** Reads the Filecoin form: a sign byte 0 and the magnitude, or the empty string for zero. */
  static TokenAmount ofSignedBytes(byte[] bytes) {
    if (bytes.length == 0) {
      return ZERO;
    }
    if (bytes[0] != 0) {
      throw new ProtocolException(
          "BAD_AMOUNT", "negative or malformed amount, sign byte " + bytes[0]);
    }
    return bounded(new BigInteger(1, Arrays.copyOfRange(bytes, 1, bytes.length)));
  }

  private static TokenAmount bounded(BigInteger value) {
    if (value.bitLength() > MAX_BITS) {
      throw new ProtocolException("BAD_AMOUNT", "amount above 2^128-1: " + value);
    }
    return new TokenAmount(value);
  }

  /** The wire form: big-endian, unsigned, minimal; empty for zero. */
  public byte[] bytes() {
    byte[] signed = value.toByteArray();
    return signed[0] == 0 ? Arrays.copyOfRange(signed, 1, signed.length) : signed;
  }

  /** The Filecoin form: empty for zero, else a zero byte and the magnitude. */
  byte[] signedBytes() {
    byte[] magnitude = bytes();
    if (magnitude.length == 0) {
      return magnitude;
    }
    byte[] signed = new byte[magnitude.length + 1];
    System.arraycopy(magnitude, 0, signed, 1, magnitude.length);
    return signed;
  }

  /** The exact sum. */
  public TokenAmount plus(TokenAmount other) {
    return new TokenAmount(value.add(other.value));
  }

  /** The exact difference; throws {@link ArithmeticException} if {@code other} is larger. */
  public TokenAmount minus(TokenAmount other) {
    return new TokenAmount(value.subtract(other.value));
  }

  /** The difference, or zero if {@code other} is larger. */
  public TokenAmount minusOrZero(TokenAmount other) {
    return compareTo(other) <= 0 ? ZERO : minus(other);
  }

  /** The larger of both. */
  public TokenAmount max(TokenAmount other) {
    return compareTo(other) >= 0 ? this : other;
  }

  /** The smaller of both. */
  public TokenAmount min(TokenAmount other) {
    return compareTo(other) <= 0 ? this : other;
  }

  /** Whether this is nothing at all. */
  public boolean isZero() {
    return value.signum() == 0;
  }

  /** Whether this is something, and at least so many times a cost. */
  public boolean isWorth(long times, TokenAmount cost) {
    return !isZero() && value.compareTo(cost.value.multiply(BigInteger.valueOf(times))) >= 0;
  }

  /** Whether this is strictly more than {@code other}. */
  public boolean exceeds(TokenAmount other) {
    return compareTo(other) > 0;
  }

  @Override
  public int compareTo(TokenAmount other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
