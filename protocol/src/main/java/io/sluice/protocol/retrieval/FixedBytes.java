package io.sluice.protocol.retrieval;

import java.util.Arrays;
import java.util.HexFormat;

/** Bytes of a fixed number that mean one thing: equal only to others of the same type. */
abstract sealed class FixedBytes permits Bytes32, EvmAddress, Signature {
  private final byte[] bytes;

  /** Takes the array, which must be nobody else's. */
  FixedBytes(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A copy of the bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  int compareBytes(FixedBytes other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public final boolean equals(Object other) {
    return other instanceof FixedBytes that
        && getClass() == that.getClass()
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public final int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** {@code 0x} and the bytes in lower-case hex. */
  @Override
  public String toString() {
    return "0x" + HexFormat.of().formatHex(bytes);
  }
}
