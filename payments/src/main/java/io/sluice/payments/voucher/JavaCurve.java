package io.sluice.payments.voucher;

import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.Signature;
import java.math.BigInteger;
import java.util.Optional;
import org.web3j.crypto.ECDSASignature;
import org.web3j.crypto.ECKeyPair;
import org.web3j.crypto.Sign;
import org.web3j.utils.Numeric;

/** By Web3j and Bouncy Castle, for platforms without native code. About a millisecond a call. */
final class JavaCurve implements Curve {
  @Override
  public byte[] publicKey(byte[] secret) {
    return bytes(Sign.publicKeyFromPrivate(new BigInteger(1, secret)));
  }

  @Override
  public Signature sign(Bytes32 digest, byte[] secret, byte[] publicKey) {
    ECKeyPair pair = new ECKeyPair(new BigInteger(1, secret), new BigInteger(1, publicKey));
    Sign.SignatureData data = Sign.signMessage(digest.bytes(), pair, false);
    byte[] bytes = new byte[Signature.LENGTH];
    System.arraycopy(data.getR(), 0, bytes, 0, 32);
    System.arraycopy(data.getS(), 0, bytes, 32, 32);
    bytes[64] = data.getV()[0];
    return Signature.of(bytes);
  }

  @Override
  public Optional<byte[]> recover(Signature signature, Bytes32 digest) {
    byte[] bytes = signature.bytes();
    BigInteger r = new BigInteger(1, bytes, 0, 32);
    BigInteger s = new BigInteger(1, bytes, 32, 32);
    try {
      return Optional.ofNullable(
              Sign.recoverFromSignature(
                  bytes[64] - V_BASE, new ECDSASignature(r, s), digest.bytes()))
          .map(JavaCurve::bytes);
    } catch (IllegalArgumentException noPointOfTheCurve) {
      return Optional.empty();
    }
  }

  private static byte[] bytes(BigInteger publicKey) {
    return Numeric.toBytesPadded(publicKey, PUBLIC_KEY_BYTES);
  }
}
