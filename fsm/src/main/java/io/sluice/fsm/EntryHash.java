package io.sluice.fsm;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** A SHA-256 hash in the chain of a machine's journal entries. Immutable. */
public final class EntryHash {
  /** The hash before the first entry. */
  public static final EntryHash ZERO = new EntryHash(new byte[32]);

  private final byte[] bytes;

  private EntryHash(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * The hash with these bytes, which are copied.
   *
   * @throws IllegalArgumentException unless they are 32
   */
  public static EntryHash of(byte[] bytes) {
    if (bytes.length != 32) {
      throw new IllegalArgumentException("a hash has 32 bytes, not " + bytes.length);
    }
    return new EntryHash(bytes.clone());
  }

  /** The SHA-256 hash of these parts, one after the other. */
  public static EntryHash sha256(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return new EntryHash(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** A copy of the bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EntryHash that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** Lower-case hexadecimal. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
