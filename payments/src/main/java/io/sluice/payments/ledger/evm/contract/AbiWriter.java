package io.sluice.payments.ledger.evm.contract;

import io.sluice.payments.voucher.Keccak;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Lays out the arguments of a contract's call: the function's selector, then words of 32 bytes,
 * big-endian. Whoever writes offsets of parts of any length counts them from the first word.
 */
final class AbiWriter {
  static final int WORD = Bytes32.LENGTH;
  static final int SELECTOR = 4;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private AbiWriter() {}

  /** A call of the function of that signature, such as {@code settle(bytes32)}. */
  static AbiWriter call(String signature) {
    AbiWriter writer = new AbiWriter();
    writer.out.writeBytes(selector(signature));
    return writer;
  }

  /** Arguments alone, as a constructor has them behind its code. */
  static AbiWriter arguments() {
    return new AbiWriter();
  }

  /** The first four bytes of the hash of a function's or error's signature. */
  static byte[] selector(String signature) {
    return Arrays.copyOf(topic(signature).bytes(), SELECTOR);
  }

  /** The hash of an event's signature. */
  static Bytes32 topic(String signature) {
    return Keccak.hash(signature.getBytes(StandardCharsets.UTF_8));
  }

  AbiWriter word(Bytes32 value) {
    out.writeBytes(value.bytes());
    return this;
  }

  AbiWriter address(EvmAddress value) {
    out.writeBytes(new byte[WORD - EvmAddress.LENGTH]);
    out.writeBytes(value.bytes());
    return this;
  }

  AbiWriter amount(TokenAmount value) {
    return number(value.value());
  }

  /** A number that is not negative. */
  AbiWriter number(long value) {
    return number(BigInteger.valueOf(value));
  }

  /** A number from 0 to 2^256 - 1. */
  AbiWriter number(BigInteger value) {
    byte[] signed = value.toByteArray();
    int skip = signed.length > WORD ? 1 : 0;
    out.writeBytes(new byte[WORD - (signed.length - skip)]);
    out.write(signed, skip, signed.length - skip);
    return this;
  }

  /** A byte string: its length, its bytes, and zeros up to a whole word. */
  AbiWriter bytes(byte[] value) {
    number(value.length);
    out.writeBytes(value);
    out.writeBytes(new byte[padding(value.length)]);
    return this;
  }

  /** How many bytes a byte string of that length takes in all. */
  static int sizeOfBytes(int length) {
    return WORD + length + padding(length);
  }

  private static int padding(int length) {
    return (WORD - length % WORD) % WORD;
  }

  byte[] done() {
    return out.toByteArray();
  }
}
