package io.sluice.payments.voucher;

import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import java.math.BigInteger;
import java.security.SecureRandom;
import org.web3j.crypto.ECKeyPair;
import org.web3j.crypto.Sign;

/** A secp256k1 key in memory; its text form never shows the secret. */
public final class SigningKey {
  private final ECKeyPair pair;
  private final EvmAddress address;

  SigningKey(ECKeyPair pair) {
    this.pair = pair;
    this.address = Signatures.address(pair.getPublicKey());
  }

  /**
   * The key with that secret.
   *
   * @throws IllegalArgumentException unless the secret is 32 bytes and a number from 1 to the
   *     curve's order less 1
   */
  public static SigningKey of(byte[] secret) {
    BigInteger number = new BigInteger(1, secret);
    if (secret.length != 32
        || number.signum() == 0
        || number.compareTo(Sign.CURVE_PARAMS.getN()) >= 0) {
      throw new IllegalArgumentException("not a secp256k1 secret key");
    }
    return new SigningKey(ECKeyPair.create(number));
  }

  /** A new key. */
  public static SigningKey generate(SecureRandom random) {
    byte[] secret = new byte[32];
    while (true) {
      random.nextBytes(secret);
      BigInteger number = new BigInteger(1, secret);
      if (number.signum() > 0 && number.compareTo(Sign.CURVE_PARAMS.getN()) < 0) {
        return of(secret);
      }
    }
  }

  /** The account of this key. */
  public EvmAddress address() {
    return address;
  }

  /** Signs the digest itself: no prefix, no second hash. Equal digests give equal signatures. */
  public Signature sign(Bytes32 digest) {
    Sign.SignatureData data = Sign.signMessage(digest.bytes(), pair, false);
    byte[] bytes = new byte[Signature.LENGTH];
    System.arraycopy(data.getR(), 0, bytes, 0, 32);
    System.arraycopy(data.getS(), 0, bytes, 32, 32);
    bytes[64] = data.getV()[0];
    return Signature.of(bytes);
  }

  /** Signs a voucher of that contract. */
  public SignedVoucher sign(Domain domain, Voucher voucher) {
    return new SignedVoucher(domain, voucher, sign(voucher.digest(domain)));
  }

  /** The secret's 32 bytes, for an export that the user asked for. */
  public byte[] secret() {
    byte[] signed = pair.getPrivateKey().toByteArray();
    byte[] secret = new byte[32];
    int length = Math.min(32, signed.length);
    System.arraycopy(signed, signed.length - length, secret, 32 - length, length);
    return secret;
  }

  ECKeyPair pair() {
    return pair;
  }

  @Override
  public String toString() {
    return "SigningKey[" + address + "]";
  }
}
