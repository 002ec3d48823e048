package io.sluice.protocol.crypto;

import java.security.Provider;
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

  private static Optional<Provider> load() {
    try {
      return Optional.of(Conscrypt.newProvider());
    } catch (LinkageError notHere) {
      return Optional.empty();
    }
  }
}
