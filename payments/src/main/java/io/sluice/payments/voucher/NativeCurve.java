package io.sluice.payments.voucher;

import fr.acinq.secp256k1.Secp256k1;
import fr.acinq.secp256k1.Secp256k1Exception;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.Signature;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** By libsecp256k1: several times faster than {@link JavaCurve}, and from the first call on. */
final class NativeCurve implements Curve {
  private static final int COMPACT = 64;

  private final Secp256k1 library;

  private NativeCurve(Secp256k1 library) {
    this.library = library;
  }

  /** Empty where there is no native code for this platform. */
  static Optional<Curve> load() {
    useUnpacked();
    try {
      return Optional.of(new NativeCurve(Secp256k1.get()));
    } catch (LinkageError notForThisPlatform) {
      return Optional.empty();
    }
  }

  /** Where it lies unpacked, as in the distribution, the library need not unpack it once more. */
  private static void useUnpacked() {
    String name = System.mapLibraryName("secp256k1-jni-" + platform());
    for (String folder : System.getProperty("java.library.path", "").split(File.pathSeparator)) {
      if (Files.exists(Path.of(folder, name))) {
        System.setProperty("fr.acinq.secp256k1.lib.path", folder);
        System.setProperty("fr.acinq.secp256k1.lib.name", name);
        return;
      }
    }
  }

  private static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String processor = System.getProperty("os.arch");
    return system + "-" + (processor.equals("amd64") ? "x86_64" : processor);
  }

  @Override
  public byte[] publicKey(byte[] secret) {
    return withoutMark(library.pubkeyCreate(secret));
  }

  @Override
  public Signature sign(Bytes32 digest, byte[] secret, byte[] publicKey) {
    byte[] hash = digest.bytes();
    byte[] compact = library.sign(hash, secret, null);
    byte[] signature = Arrays.copyOf(compact, Signature.LENGTH);
    // The library does not say which of the two points was the nonce's.
    boolean even = Arrays.equals(publicKey, withoutMark(library.ecdsaRecover(compact, hash, 0)));
    signature[COMPACT] = (byte) (even ? V_BASE : V_BASE + 1);
    return Signature.of(signature);
  }

  @Override
  public Optional<byte[]> recover(Signature signature, Bytes32 digest) {
    byte[] bytes = signature.bytes();
    try {
      return Optional.of(
          withoutMark(
              library.ecdsaRecover(
                  Arrays.copyOf(bytes, COMPACT), digest.bytes(), bytes[COMPACT] - V_BASE)));
    } catch (Secp256k1Exception noPointOfTheCurve) {
      return Optional.empty();
    }
  }

  private static byte[] withoutMark(byte[] key) {
    return Arrays.copyOfRange(key, 1, 1 + PUBLIC_KEY_BYTES);
  }
}
