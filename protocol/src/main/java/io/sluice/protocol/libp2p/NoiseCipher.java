package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.crypto.NativeCrypto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import javax.crypto.Cipher;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a Noise session: ChaCha20-Poly1305 under one key, with a nonce that counts
 * messages. Not safe for concurrent use.
 */
final class NoiseCipher {
  static final int TAG = 16;

  private static final byte[] NOTHING = {};
  private static final @Nullable Provider CONSCRYPT = conscrypt();

  private final Cipher cipher;
  private final SecretKeySpec key;
  private final byte[] nonce = new byte[12];
  private long count;

  NoiseCipher(byte[] key) {
    this.key = new SecretKeySpec(key, "ChaCha20");
    this.cipher = newCipher();
  }

  /**
   * Encrypts all of {@code plain} into {@code out}, which needs {@link #TAG} bytes more than that.
   */
  void seal(byte[] associated, ByteBuffer plain, ByteBuffer out) {
    try {
      next(Cipher.ENCRYPT_MODE, associated);
      cipher.doFinal(plain, out);
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException("ChaCha20-Poly1305 does not encrypt", broken);
    }
  }

  /**
   * Decrypts all of {@code sealed} into {@code out}.
   *
   * @throws ProtocolException if it is not what the peer sealed under this key as message of this
   *     number
   */
  void open(byte[] associated, ByteBuffer sealed, ByteBuffer out) {
    if (sealed.remaining() < TAG) {
      throw new ProtocolException(
          "HANDSHAKE_INVALID", "noise message of " + sealed.remaining() + " bytes has no tag");
    }
    try {
      next(Cipher.DECRYPT_MODE, associated);
      cipher.doFinal(sealed, out);
    } catch (GeneralSecurityException forged) {
      throw new ProtocolException(
          "HANDSHAKE_INVALID", "noise message " + (count - 1) + " is not authentic");
    }
  }

  byte[] seal(byte[] associated, byte[] plain) {
    byte[] out = new byte[plain.length + TAG];
    seal(associated, ByteBuffer.wrap(plain), ByteBuffer.wrap(out));
    return out;
  }

  byte[] open(byte[] associated, byte[] sealed) {
    byte[] out = new byte[Math.max(0, sealed.length - TAG)];
    open(associated, ByteBuffer.wrap(sealed), ByteBuffer.wrap(out));
    return out;
  }

  void seal(ByteBuffer plain, ByteBuffer out) {
    seal(NOTHING, plain, out);
  }

  void open(ByteBuffer sealed, ByteBuffer out) {
    open(NOTHING, sealed, out);
  }

  private void next(int mode, byte[] associated) throws GeneralSecurityException {
    ByteBuffer.wrap(nonce).order(ByteOrder.LITTLE_ENDIAN).putLong(4, count);
    count = Math.incrementExact(count);
    cipher.init(mode, key, new IvParameterSpec(nonce));
    if (associated.length > 0) {
      cipher.updateAAD(associated);
    }
  }

  private static Cipher newCipher() {
    try {
      return CONSCRYPT == null
          ? Cipher.getInstance("ChaCha20-Poly1305")
          : Cipher.getInstance("ChaCha20/Poly1305/NoPadding", CONSCRYPT);
    } catch (NoSuchAlgorithmException | NoSuchPaddingException missing) {
      throw new IllegalStateException("this Java has no ChaCha20-Poly1305", missing);
    }
  }

  /**
   * Its native code is several times faster than the JDK's, where there is some for this platform.
   */
  private static @Nullable Provider conscrypt() {
    try {
      Provider provider = NativeCrypto.provider().orElse(null);
      if (provider != null) {
        Cipher.getInstance("ChaCha20/Poly1305/NoPadding", provider);
      }
      return provider;
    } catch (GeneralSecurityException notHere) {
      return null;
    }
  }
}
