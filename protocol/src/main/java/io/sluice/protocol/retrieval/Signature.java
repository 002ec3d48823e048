package io.sluice.protocol.retrieval;

import io.sluice.protocol.ProtocolException;
import java.util.Arrays;
import java.util.HexFormat;

/** A recoverable secp256k1 signature, r ‖ s ‖ v, 65 bytes; not yet verified. */
public final class Signature {
  /** Length in bytes. */
  public static final int LENGTH = 65;

  private final byte[] bytes;

  private Signature(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Copies the bytes; {@code VOUCHER_MALFORMED} unless there are exactly 65. */
  public static Signature of(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new ProtocolException(
          "VOUCHER_MALFORMED", "signature of " + bytes.length + " bytes, not 65");
    }
    return new Signature(bytes.clone());
  }

  /** A copy of the 65 bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Signature that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** The first bytes only: enough to tell signatures apart in a log. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes, 0, 4) + "…";
  }
}
