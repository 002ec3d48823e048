package io.sluice.payments.ledger.evm;

import io.sluice.protocol.ipld.NodeCodec;
import java.util.Arrays;

/** Bytes as a value: compared by what they are, and never changed. */
final class RawBytes {
  static final RawBytes EMPTY = new RawBytes(new byte[0]);
  static final NodeCodec<RawBytes> CODEC = NodeCodec.bytes(RawBytes::bytes, RawBytes::of);

  private final byte[] bytes;

  private RawBytes(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Copies the bytes. */
  static RawBytes of(byte[] bytes) {
    return new RawBytes(bytes.clone());
  }

  /** A copy. */
  byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RawBytes raw && Arrays.equals(bytes, raw.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return bytes.length + " bytes";
  }
}
