package io.sluice.protocol.crypto;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.Signature;
import java.util.Optional;
import javax.crypto.SecretKeyFactory;
import org.conscrypt.Conscrypt;
import org.conscrypt.ScryptKeySpec;

/**
 * Ciphers and digests in native code: full speed from the first byte on, which the JDK's own reach
 * only after the compiler has seen to them. Loading it takes tens of milliseconds, once.
 */
public final class NativeCrypto {
  private static final Optional<Provider> PROVIDER = load();

  private NativeCrypto() {}

  /** Empty where there is no native code for this platform. Safe for any number of threads. */
  public static Optional<Provider> provider() {
    return PROVIDER;
  }

  /** Makes key pairs of an algorithm. */
  public static KeyPairGenerator keyPairs(String algorithm) throws GeneralSecurityException {
    return isFasterHere(algorithm)
        ? KeyPairGenerator.getInstance(algorithm, PROVIDER.get())
        : KeyPairGenerator.getInstance(algorithm);
  }

  /** Reads the keys that {@link #signatures} takes. */
  public static KeyFactory keys(String algorithm) throws GeneralSecurityException {
    return isFasterHere(algorithm)
        ? KeyFactory.getInstance(algorithm, PROVIDER.get())
        : KeyFactory.getInstance(algorithm);
  }

  /** Signs and verifies by an algorithm. */
  public static Signature signatures(String algorithm) throws GeneralSecurityException {
    return isFasterHere(algorithm)
        ? Signature.getInstance(algorithm, PROVIDER.get())
        : Signature.getInstance(algorithm);
  }

  /**
   * What scrypt asks of whoever tries a passphrase (RFC 7914).
   *
   * @param n how often, a power of two
   * @param r the block's size, in 128 bytes
   * @param p how many times all of it
   */
  public record ScryptCost(int n, int r, int p) {}

  /**
   * Derives a key from a passphrase (UTF-8) by scrypt. Empty where there is no native code, or it
   * refuses: it allows itself so much memory and no more.
   */
  public static Optional<byte[]> scrypt(
      String passphrase, byte[] salt, ScryptCost cost, int length) {
    if (PROVIDER.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          SecretKeyFactory.getInstance("SCRYPT", PROVIDER.get())
              .generateSecret(
                  new ScryptKeySpec(
                      passphrase.toCharArray(),
                      salt,
                      cost.n(),
                      cost.r(),
                      cost.p(),
                      length * Byte.SIZE))
              .getEncoded());
    } catch (GeneralSecurityException | RuntimeException refused) {
      return Optional.empty();
    }
  }

  /** On the NIST curves the JDK computes tables, for 0.4 s of a processor, before its first key. */
  private static boolean isFasterHere(String algorithm) {
    return (algorithm.equals("EC") || algorithm.endsWith("withECDSA")) && PROVIDER.isPresent();
  }

  private static Optional<Provider> load() {
    try {
      return Optional.of(Conscrypt.newProvider());
    } catch (LinkageError notHere) {
      return Optional.empty();
    }
  }
}
