package io.sluice.protocol.retrieval;

import io.sluice.protocol.ProtocolException;
import java.util.HexFormat;

/** A recoverable secp256k1 signature, r ‖ s ‖ v, 65 bytes; not yet verified. */
public final class Signature extends FixedBytes {
  /** Length in bytes. */
  public static final int LENGTH = 65;

  private Signature(byte[] bytes) {
    super(bytes);
  }

  /** Copies the bytes; {@code VOUCHER_MALFORMED} unless there are exactly 65. */
  public static Signature of(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new ProtocolException(
          "VOUCHER_MALFORMED", "signature of " + bytes.length + " bytes, not 65");
    }
    return new Signature(bytes.clone());
  }

  /** The first bytes only: enough to tell signatures apart in a log. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes(), 0, 4) + "…";
  }
}
