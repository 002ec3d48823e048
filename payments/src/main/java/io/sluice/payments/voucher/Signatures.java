package io.sluice.payments.voucher;

import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;

/**
 * Finds out who made a signature, by the rules of contracts: v is 27 or 28, s lies in the lower
 * half of the curve's order, so that every signature has one form only.
 */
public final class Signatures {
  private static final BigInteger HALF_ORDER = Curve.ORDER.shiftRight(1);

  private Signatures() {}

  /** The account whose key signed the digest; empty if the signature is not a valid one. */
  public static Optional<EvmAddress> signer(Signature signature, Bytes32 digest) {
    byte[] bytes = signature.bytes();
    BigInteger r = new BigInteger(1, bytes, 0, 32);
    BigInteger s = new BigInteger(1, bytes, 32, 32);
    int parity = bytes[64] - Curve.V_BASE;
    if (!inRange(r, Curve.ORDER.subtract(BigInteger.ONE))
        || !inRange(s, HALF_ORDER)
        || (parity != 0 && parity != 1)) {
      return Optional.empty();
    }
    return Curve.here().recover(signature, digest).map(Signatures::address);
  }

  /** Whether {@code account} signed the digest. */
  public static boolean by(EvmAddress account, Signature signature, Bytes32 digest) {
    return signer(signature, digest).filter(account::equals).isPresent();
  }

  private static boolean inRange(BigInteger value, BigInteger most) {
    return value.signum() > 0 && value.compareTo(most) <= 0;
  }

  static EvmAddress address(byte[] publicKey) {
    byte[] hash = Keccak.hash(publicKey).bytes();
    return EvmAddress.of(Arrays.copyOfRange(hash, hash.length - EvmAddress.LENGTH, hash.length));
  }
}
