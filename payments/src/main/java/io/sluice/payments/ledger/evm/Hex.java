package io.sluice.payments.ledger.evm;

import io.sluice.protocol.retrieval.Bytes32;
import java.math.BigInteger;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes what stands between the quotes of JSON-RPC. What has another form is an {@link
 * IllegalArgumentException}: whoever asked takes it for a bad answer.
 */
final class Hex {
  private static final String PREFIX = "0x";
  private static final int MAX_DIGITS = 64;

  private Hex() {}

  static String of(byte[] bytes) {
    return PREFIX + HexFormat.of().formatHex(bytes);
  }

  static String of(RawBytes bytes) {
    return of(bytes.bytes());
  }

  static String of(long number) {
    return PREFIX + Long.toHexString(number);
  }

  static String of(BigInteger number) {
    return PREFIX + number.toString(16);
  }

  static byte[] bytes(@Nullable String text) {
    return HexFormat.of().parseHex(digits(text));
  }

  static Bytes32 word(@Nullable String text) {
    byte[] bytes = bytes(text);
    if (bytes.length != Bytes32.LENGTH) {
      throw new IllegalArgumentException("hash of " + bytes.length + " bytes");
    }
    return Bytes32.of(bytes);
  }

  /** A number of at most 256 bits. */
  static BigInteger number(@Nullable String text) {
    String digits = digits(text);
    if (digits.isEmpty() || digits.length() > MAX_DIGITS || digits.charAt(0) == '-') {
      throw new IllegalArgumentException("number of " + digits.length() + " digits");
    }
    return new BigInteger(digits, 16);
  }

  /** A number from 0 to 2^63 - 1. */
  static long count(@Nullable String text) {
    BigInteger number = number(text);
    if (number.bitLength() >= Long.SIZE) {
      throw new IllegalArgumentException("number out of range: " + number);
    }
    return number.longValue();
  }

  private static String digits(@Nullable String text) {
    if (text == null || !text.startsWith(PREFIX)) {
      throw new IllegalArgumentException("no hexadecimal text");
    }
    return text.substring(PREFIX.length());
  }
}
