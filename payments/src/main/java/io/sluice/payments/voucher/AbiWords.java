package io.sluice.payments.voucher;

import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import java.math.BigInteger;
import java.nio.ByteBuffer;

/**
 * Lays out values as the contract's {@code abi.encode} does: one 32-byte big-endian word each.
 *
 * <p>Hand-written because the layouts are few and fixed: a digest takes microseconds this way, a
 * hundred with a general typed-data encoder.
 */
final class AbiWords {
  private final ByteBuffer words;

  AbiWords(int count) {
    words = ByteBuffer.allocate(count * Bytes32.LENGTH);
  }

  AbiWords put(Bytes32 word) {
    words.put(word.bytes());
    return this;
  }

  AbiWords put(EvmAddress address) {
    words.position(words.position() + Bytes32.LENGTH - EvmAddress.LENGTH).put(address.bytes());
    return this;
  }

  /** A number that is not negative. */
  AbiWords put(long number) {
    words.position(words.position() + Bytes32.LENGTH - Long.BYTES).putLong(number);
    return this;
  }

  /** A number from 0 to 2^256 - 1. */
  AbiWords put(BigInteger number) {
    byte[] signed = number.toByteArray();
    int skip = signed.length > Bytes32.LENGTH ? 1 : 0;
    words.position(words.position() + Bytes32.LENGTH - (signed.length - skip));
    words.put(signed, skip, signed.length - skip);
    return this;
  }

  Bytes32 hash() {
    return Keccak.hash(words.array());
  }
}
