package io.sluice.payments.voucher;

import io.sluice.protocol.retrieval.Bytes32;
import java.nio.charset.StandardCharsets;
import org.bouncycastle.crypto.digests.KeccakDigest;

/** Keccak-256 as EVM contracts compute it (the padding differs from SHA3-256). */
public final class Keccak {
  private Keccak() {}

  /** The hash of the parts, one after another. */
  public static Bytes32 hash(byte[]... parts) {
    KeccakDigest digest = new KeccakDigest(256);
    for (byte[] part : parts) {
      digest.update(part, 0, part.length);
    }
    byte[] out = new byte[Bytes32.LENGTH];
    digest.doFinal(out, 0);
    return Bytes32.of(out);
  }

  static Bytes32 hash(String text) {
    return hash(text.getBytes(StandardCharsets.UTF_8));
  }
}
