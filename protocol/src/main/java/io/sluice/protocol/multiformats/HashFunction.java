package io.sluice.protocol.multiformats;

import static io.sluice.protocol.ProtocolException.HASH_NOT_ALLOWED;

import io.sluice.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.bouncycastle.crypto.ExtendedDigest;
import org.bouncycastle.crypto.digests.Blake2bDigest;
import org.bouncycastle.crypto.digests.Blake3Digest;

/**
 * The hash functions that blocks are verified with. Others can be named by a CID, and are then
 * refused when a block comes for it. Limits: the hash functions allowed.
 */
enum HashFunction {
  /** The data itself; not a hash, but a CID can carry it. */
  IDENTITY(0x00) {
    @Override
    byte[] digest(ByteBuffer data) {
      byte[] copy = new byte[data.remaining()];
      data.get(copy);
      return copy;
    }
  },
  /** Broken, and what git names its objects by: allowed for those alone. */
  SHA1(0x11) {
    @Override
    byte[] digest(ByteBuffer data) {
      return ofJdk("SHA-1", data);
    }
  },
  SHA2_256(0x12) {
    @Override
    byte[] digest(ByteBuffer data) {
      return NativeSha256.digest(data).orElseGet(() -> ofJdk("SHA-256", data));
    }
  },
  SHA2_512(0x13) {
    @Override
    byte[] digest(ByteBuffer data) {
      return ofJdk("SHA-512", data);
    }
  },
  BLAKE3(0x1e) {
    @Override
    byte[] digest(ByteBuffer data) {
      return ofBouncyCastle(new Blake3Digest(256), data);
    }
  },
  BLAKE2B_256(0xb220) {
    @Override
    byte[] digest(ByteBuffer data) {
      return ofBouncyCastle(new Blake2bDigest(256), data);
    }
  };

  /** Shorter digests are too easily met by other data. */
  static final int MIN_DIGEST = 20;

  private static final int CHUNK = 8192;

  final long code;

  HashFunction(long code) {
    this.code = code;
  }

  static HashFunction of(long code) {
    for (HashFunction function : values()) {
      if (function.code == code) {
        return function;
      }
    }
    throw new ProtocolException(
        HASH_NOT_ALLOWED, "hash function 0x" + Long.toHexString(code) + " is not allowed");
  }

  /** The full digest of what remains in {@code data}, which is consumed. */
  abstract byte[] digest(ByteBuffer data);

  /** The JDK hashes buffers without an array in small chunks by itself. */
  private static byte[] ofJdk(String algorithm, ByteBuffer data) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      digest.update(data);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] ofBouncyCastle(ExtendedDigest digest, ByteBuffer data) {
    byte[] chunk = new byte[Math.min(CHUNK, data.remaining())];
    while (data.hasRemaining()) {
      int length = Math.min(chunk.length, data.remaining());
      data.get(chunk, 0, length);
      digest.update(chunk, 0, length);
    }
    byte[] result = new byte[digest.getDigestSize()];
    digest.doFinal(result, 0);
    return result;
  }
}
