package io.sluice.protocol.multiformats;

import static io.sluice.protocol.ProtocolException.DECODE_MALFORMED;

import io.sluice.protocol.ProtocolException;
import java.util.Locale;

/**
 * Text forms of bytes, told apart by their first character. Spec: multiformats/multibase.
 *
 * <p>Bases without letters of both cases decode either case. None of them is padded.
 */
public enum Multibase {
  /** Hexadecimal digits, lower case. */
  BASE16('f', "0123456789abcdef", true),
  /** Hexadecimal digits, upper case. */
  BASE16_UPPER('F', "0123456789ABCDEF", true),
  /** RFC 4648, lower case: the text form of a CID. */
  BASE32('b', "abcdefghijklmnopqrstuvwxyz234567", true),
  /** RFC 4648, upper case. */
  BASE32_UPPER('B', "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", true),
  /** RFC 4648 in the order of the digits, lower case. */
  BASE32_HEX('v', "0123456789abcdefghijklmnopqrstuv", true),
  /** Digits and lower-case letters: host names. */
  BASE36('k', "0123456789abcdefghijklmnopqrstuvwxyz", true),
  /** Bitcoin's alphabet: CIDs of version 0 and peer ids. */
  BASE58_BTC('z', "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", false),
  /** RFC 4648. */
  BASE64('m', "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", false),
  /** RFC 4648 for URLs. */
  BASE64_URL('u', "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", false);

  /** Bases that are not a power of two take time that grows with the square of the length. */
  private static final int MAX_POSITIONAL_CHARS = 1024;

  private final char prefix;
  private final char[] digits;
  private final byte[] values = new byte[128];
  private final int bitsPerDigit;

  Multibase(char prefix, String alphabet, boolean eitherCase) {
    this.prefix = prefix;
    this.digits = alphabet.toCharArray();
    int base = digits.length;
    this.bitsPerDigit = Integer.bitCount(base) == 1 ? Integer.numberOfTrailingZeros(base) : 0;
    java.util.Arrays.fill(values, (byte) -1);
    for (int i = 0; i < base; i++) {
      values[digits[i]] = (byte) i;
      if (eitherCase) {
        values[Character.toLowerCase(digits[i])] = (byte) i;
        values[Character.toUpperCase(digits[i])] = (byte) i;
      }
    }
  }

  /** The character that texts in this base begin with. */
  public char prefix() {
    return prefix;
  }

  /** The text of {@code bytes} in {@code base}, with its prefix. */
  public static String encode(Multibase base, byte[] bytes) {
    return base.prefix + base.encodeBare(bytes);
  }

  /**
   * The bytes of a text with a prefix.
   *
   * @throws ProtocolException if the prefix is unknown, or the text is not one that {@link #encode}
   *     makes (but for case where the base has one only)
   */
  public static byte[] decode(String text) {
    if (text.isEmpty()) {
      throw new ProtocolException(DECODE_MALFORMED, "an empty text has no multibase prefix");
    }
    return ofPrefix(text.charAt(0)).decodeBare(text.substring(1));
  }

  /**
   * The base whose texts begin with {@code prefix}.
   *
   * @throws ProtocolException if there is none
   */
  public static Multibase ofPrefix(char prefix) {
    for (Multibase base : values()) {
      if (base.prefix == prefix) {
        return base;
      }
    }
    throw new ProtocolException(
        DECODE_MALFORMED,
        String.format(Locale.ROOT, "no multibase has the prefix U+%04X", (int) prefix));
  }

  /** The text of {@code bytes} in this base, without a prefix. */
  public String encodeBare(byte[] bytes) {
    return bitsPerDigit == 0 ? encodePositional(bytes) : encodeBits(bytes);
  }

  /**
   * The bytes of a text in this base without a prefix.
   *
   * @throws ProtocolException if a character is not of the base, or bits are left over that are not
   *     zero
   */
  public byte[] decodeBare(String text) {
    return bitsPerDigit == 0 ? decodePositional(text) : decodeBits(text);
  }

  private String encodeBits(byte[] bytes) {
    StringBuilder text =
        new StringBuilder((int) ((bytes.length * 8L + bitsPerDigit - 1) / bitsPerDigit));
    int mask = digits.length - 1;
    int buffer = 0;
    int bits = 0;
    for (byte b : bytes) {
      buffer = (buffer << 8 | (b & 0xff)) & 0xffff;
      bits += 8;
      while (bits >= bitsPerDigit) {
        bits -= bitsPerDigit;
        text.append(digits[buffer >> bits & mask]);
      }
    }
    if (bits > 0) {
      text.append(digits[buffer << (bitsPerDigit - bits) & mask]);
    }
    return text.toString();
  }

  private byte[] decodeBits(String text) {
    byte[] bytes = new byte[(int) ((long) text.length() * bitsPerDigit / 8)];
    int buffer = 0;
    int bits = 0;
    int at = 0;
    for (int i = 0; i < text.length(); i++) {
      buffer = (buffer << bitsPerDigit | value(text, i)) & 0xffff;
      bits += bitsPerDigit;
      if (bits >= 8) {
        bits -= 8;
        bytes[at++] = (byte) (buffer >> bits);
      }
    }
    if (bits >= bitsPerDigit || (buffer & ((1 << bits) - 1)) != 0) {
      throw new ProtocolException(
          DECODE_MALFORMED, "bits left over at the end of a " + this + " text");
    }
    return bytes;
  }

  private String encodePositional(byte[] bytes) {
    int zeros = 0;
    while (zeros < bytes.length && bytes[zeros] == 0) {
      zeros++;
    }
    // Little-endian digits; log(256) / log(36) < 1.55 of them a byte.
    byte[] number = new byte[(int) ((bytes.length - zeros) * 1.55) + 1];
    int length = 0;
    for (int i = zeros; i < bytes.length; i++) {
      int carry = bytes[i] & 0xff;
      int j = 0;
      for (; j < length || carry > 0; j++) {
        carry += (number[j] & 0xff) << 8;
        number[j] = (byte) (carry % digits.length);
        carry /= digits.length;
      }
      length = j;
    }
    StringBuilder text = new StringBuilder(zeros + length);
    for (int i = 0; i < zeros; i++) {
      text.append(digits[0]);
    }
    for (int i = length - 1; i >= 0; i--) {
      text.append(digits[number[i]]);
    }
    return text.toString();
  }

  private byte[] decodePositional(String text) {
    if (text.length() > MAX_POSITIONAL_CHARS) {
      throw new ProtocolException(
          DECODE_MALFORMED,
          this + " text of " + text.length() + " characters, at most " + MAX_POSITIONAL_CHARS);
    }
    int zeros = 0;
    while (zeros < text.length() && text.charAt(zeros) == digits[0]) {
      zeros++;
    }
    byte[] number = new byte[text.length() - zeros];
    int length = 0;
    for (int i = zeros; i < text.length(); i++) {
      int carry = value(text, i);
      int j = 0;
      for (; j < length || carry > 0; j++) {
        carry += (number[j] & 0xff) * digits.length;
        number[j] = (byte) carry;
        carry >>= 8;
      }
      length = j;
    }
    byte[] bytes = new byte[zeros + length];
    for (int i = 0; i < length; i++) {
      bytes[zeros + i] = number[length - 1 - i];
    }
    return bytes;
  }

  private int value(String text, int index) {
    char c = text.charAt(index);
    int value = c < values.length ? values[c] : -1;
    if (value < 0) {
      throw new ProtocolException(
          DECODE_MALFORMED,
          String.format(Locale.ROOT, "U+%04X at %d is not a digit of %s", (int) c, index, this));
    }
    return value;
  }
}
