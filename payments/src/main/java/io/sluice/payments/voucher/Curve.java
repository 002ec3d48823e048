package io.sluice.payments.voucher;

import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.Signature;
import java.math.BigInteger;
import java.util.Optional;

/**
 * The arithmetic of secp256k1 behind {@link SigningKey} and {@link Signatures}, once in native code
 * and once without: both give the same bytes, nonces being those of RFC 6979. Implementations have
 * no state and are safe for any number of threads.
 */
interface Curve {
  /** How many points there are: secrets, r and s are less. */
  BigInteger ORDER =
      new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);

  /** Length of a public key: both coordinates, without the byte that says so. */
  int PUBLIC_KEY_BYTES = 64;

  /** What v is for an even y of the nonce's point. */
  int V_BASE = 27;

  /** The public key of a secret of 32 bytes, which is from 1 to the order less 1. */
  byte[] publicKey(byte[] secret);

  /** Signs a digest; s lies in the lower half of the order. */
  Signature sign(Bytes32 digest, byte[] secret, byte[] publicKey);

  /**
   * The public key whose secret signed the digest, where there is one.
   *
   * @param signature with r and s from 1 to the order less 1, and v 27 or 28
   */
  Optional<byte[]> recover(Signature signature, Bytes32 digest);

  /** The fastest that works here. */
  static Curve here() {
    return Chosen.CURVE;
  }

  /** The choice, made when the first key is used: loading native code takes some milliseconds. */
  final class Chosen {
    private static final Curve CURVE = NativeCurve.load().orElseGet(JavaCurve::new);

    private Chosen() {}
  }
}
