package io.sluice.payments.ledger.evm.contract;

import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads words that a contract returned or logged, by their number. What does not fit is an {@link
 * IllegalArgumentException}: whoever asked takes it for a bad answer.
 */
final class AbiReader {
  private static final BigInteger MOST = BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE);
  private static final int MAX_TEXT = 256;

  private final byte[] bytes;

  /** What follows the first {@code skip} bytes. */
  AbiReader(byte[] bytes, int skip) {
    this.bytes = Arrays.copyOfRange(bytes, Math.min(skip, bytes.length), bytes.length);
  }

  AbiReader(byte[] bytes) {
    this(bytes, 0);
  }

  boolean isEmpty() {
    return bytes.length == 0;
  }

  Bytes32 word(int index) {
    int from = index * AbiWriter.WORD;
    if (from + AbiWriter.WORD > bytes.length) {
      throw new IllegalArgumentException(
          "word %d missing of an answer of %d bytes".formatted(index, bytes.length));
    }
    return Bytes32.of(Arrays.copyOfRange(bytes, from, from + AbiWriter.WORD));
  }

  BigInteger number(int index) {
    return new BigInteger(1, word(index).bytes());
  }

  EvmAddress address(int index) {
    return address(word(index));
  }

  static EvmAddress address(Bytes32 word) {
    byte[] raw = word.bytes();
    int zeros = AbiWriter.WORD - EvmAddress.LENGTH;
    for (int at = 0; at < zeros; at++) {
      if (raw[at] != 0) {
        throw new IllegalArgumentException("not an address: " + word);
      }
    }
    return EvmAddress.of(Arrays.copyOfRange(raw, zeros, raw.length));
  }

  /** An amount that the contract keeps below 2^128. */
  TokenAmount amount(int index) {
    BigInteger value = number(index);
    if (value.compareTo(MOST) > 0) {
      throw new IllegalArgumentException("amount above 2^128-1: " + value);
    }
    return new TokenAmount(value);
  }

  /** A sum without that bound, such as a strange token's balance: more than fits is the most. */
  TokenAmount cappedAmount(int index) {
    return new TokenAmount(number(index).min(MOST));
  }

  /** A number from 0 to 2^63 - 1. */
  long count(int index) {
    BigInteger value = number(index);
    if (value.bitLength() >= Long.SIZE) {
      throw new IllegalArgumentException("number out of range: " + value);
    }
    return value.longValue();
  }

  /** A number below 2^64 of which more than fits is the most. */
  long cappedCount(int index) {
    BigInteger value = number(index);
    return value.bitLength() >= Long.SIZE ? Long.MAX_VALUE : value.longValue();
  }

  /** The text that is returned alone, or as one word filled with zeros as old tokens have it. */
  String text() {
    if (bytes.length == AbiWriter.WORD) {
      int end = 0;
      while (end < bytes.length && bytes[end] != 0) {
        end++;
      }
      return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }
    long offset = count(0);
    if (offset % AbiWriter.WORD != 0 || offset > bytes.length) {
      throw new IllegalArgumentException("text at " + offset);
    }
    int at = (int) (offset / AbiWriter.WORD);
    long length = count(at);
    int from = (at + 1) * AbiWriter.WORD;
    if (length > MAX_TEXT || from + length > bytes.length) {
      throw new IllegalArgumentException("text of " + length + " bytes");
    }
    return new String(bytes, from, (int) length, StandardCharsets.UTF_8);
  }
}
