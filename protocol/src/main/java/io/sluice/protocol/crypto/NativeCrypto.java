package io.sluice.protocol.crypto;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.Signature;
import java.util.Optional;
import org.conscrypt.Conscrypt;

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
