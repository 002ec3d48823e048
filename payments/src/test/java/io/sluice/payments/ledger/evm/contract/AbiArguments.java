package io.sluice.payments.ledger.evm.contract;

import io.sluice.protocol.retrieval.EvmAddress;
import java.math.BigInteger;

/** Arguments for contracts of tests outside this package. */
public final class AbiArguments {
  private final AbiWriter writer = AbiWriter.arguments();

  public static byte[] selector(String signature) {
    return AbiWriter.selector(signature);
  }

  public static int sizeOfBytes(int length) {
    return AbiWriter.sizeOfBytes(length);
  }

  public AbiArguments address(EvmAddress value) {
    writer.address(value);
    return this;
  }

  public AbiArguments number(long value) {
    writer.number(value);
    return this;
  }

  public AbiArguments number(BigInteger value) {
    writer.number(value);
    return this;
  }

  public AbiArguments bytes(byte[] value) {
    writer.bytes(value);
    return this;
  }

  public byte[] done() {
    return writer.done();
  }
}
