package io.sluice.payments.voucher;

import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import java.math.BigInteger;
import java.security.SecureRandom;
import org.web3j.crypto.ECKeyPair;

/** A secp256k1 key in memory; its text form never shows the secret. */
public final class SigningKey implements AccountSigner {
  private static final int SECRET_BYTES = 32;

  private final byte[] secret;
  private final byte[] publicKey;
  private final EvmAddress address;

  private SigningKey(byte[] secret) {
    this.secret = secret;
    this.publicKey = Curve.here().publicKey(secret);
    this.address = Signatures.address(publicKey);
  }

  /**
   * The key with that secret.
   *
   * @throws IllegalArgumentException unless the secret is 32 bytes and a number from 1 to the
   *     curve's order less 1
   */
  public static SigningKey of(byte[] secret) {
    if (secret.length != SECRET_BYTES || !isSecret(new BigInteger(1, secret))) {
      throw new IllegalArgumentException("not a secp256k1 secret key");
    }
    return new SigningKey(secret.clone());
  }

  /** A new key. */
  public static SigningKey generate(SecureRandom random) {
    byte[] secret = new byte[SECRET_BYTES];
    do {
      random.nextBytes(secret);
    } while (!isSecret(new BigInteger(1, secret)));
    return new SigningKey(secret);
  }

  private static boolean isSecret(BigInteger number) {
    return number.signum() > 0 && number.compareTo(Curve.ORDER) < 0;
  }

  @Override
  public EvmAddress address() {
    return address;
  }

  /** Signs the digest itself: no prefix, no second hash. Equal digests give equal signatures. */
  public Signature sign(Bytes32 digest) {
    return Curve.here().sign(digest, secret, publicKey);
  }

  @Override
  public Signature signature(Domain domain, TypedMessage message) {
    return sign(message.digest(domain));
  }

  @Override
  public Signature signTransaction(byte[] unsigned) {
    return sign(Keccak.hash(unsigned));
  }

  /** Signs a voucher of that contract. */
  public SignedVoucher sign(Domain domain, Voucher voucher) {
    return new SignedVoucher(domain, voucher, sign(voucher.digest(domain)));
  }

  /** The secret's 32 bytes, for an export that the user asked for. */
  public byte[] secret() {
    return secret.clone();
  }

  /** As the wallet library has it. */
  ECKeyPair pair() {
    return new ECKeyPair(new BigInteger(1, secret), new BigInteger(1, publicKey));
  }

  @Override
  public String toString() {
    return "SigningKey[" + address + "]";
  }
}
