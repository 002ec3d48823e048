package io.sluice.protocol.multiformats;

import io.sluice.protocol.crypto.NativeCrypto;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * SHA-256 in native code, for those who hash much. It is loaded in the background once enough was
 * hashed to make up for that, so a command that hashes little never loads it; until then the JDK
 * does it. Safe for any number of threads.
 */
final class NativeSha256 {
  /** Loading costs about as much as hashing so many bytes before the JDK's code is compiled. */
  private static final long WORTH_LOADING = 256 << 10;

  /** Below that a call into native code is most of the work. */
  private static final int LEAST = 1 << 10;

  /** Native code reads no arrays; what lies in one goes through this in pieces. */
  private static final int PIECE = 64 << 10;

  private static final AtomicLong hashed = new AtomicLong();
  private static final AtomicBoolean loading = new AtomicBoolean();
  private static final Queue<NativeSha256> idle = new ConcurrentLinkedQueue<>();
  private static volatile boolean loaded;

  private final MessageDigest digest;
  private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);

  private NativeSha256(MessageDigest digest) {
    this.digest = digest;
  }

  /**
   * The digest of what remains in {@code data}, which is consumed; empty, and nothing consumed,
   * where the JDK has to do it.
   */
  static Optional<byte[]> digest(ByteBuffer data) {
    if (!loaded) {
      count(data.remaining());
      return Optional.empty();
    }
    if (data.remaining() < LEAST) {
      return Optional.empty();
    }
    // As many as there are threads that hash at once.
    NativeSha256 free = idle.poll();
    NativeSha256 taken = free == null ? new NativeSha256(newDigest()) : free;
    byte[] result = taken.of(data);
    idle.add(taken);
    return Optional.of(result);
  }

  private byte[] of(ByteBuffer data) {
    if (data.isDirect()) {
      digest.update(data);
    }
    while (data.hasRemaining()) {
      int length = Math.min(PIECE, data.remaining());
      piece.clear().put(data.slice(data.position(), length)).flip();
      data.position(data.position() + length);
      digest.update(piece);
    }
    return digest.digest();
  }

  private static void count(int bytes) {
    if (hashed.addAndGet(bytes) >= WORTH_LOADING && loading.compareAndSet(false, true)) {
      Thread.ofPlatform().daemon().name("native-sha256").start(NativeSha256::load);
    }
  }

  static void load() {
    if (NativeCrypto.provider().isPresent()) {
      idle.add(new NativeSha256(newDigest()));
      loaded = true;
    }
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256", NativeCrypto.provider().orElseThrow());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
