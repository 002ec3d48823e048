package io.sluice.protocol.multiformats;

import static io.sluice.protocol.ProtocolException.BAD_CID;
import static io.sluice.protocol.ProtocolException.HASH_NOT_ALLOWED;

import io.sluice.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A digest that names its hash function. Immutable; compared by its bytes. Any function can be
 * named, and those that {@link #matches} knows can be verified: sha2-256, sha2-512, blake2b-256,
 * blake3 and identity.
 *
 * <p>Spec: multiformats/multihash.
 */
public final class Multihash implements Comparable<Multihash> {
  /** The digest is the data itself. */
  public static final long IDENTITY = 0x00;

  /** SHA-256. */
  public static final long SHA2_256 = 0x12;

  /** SHA-1, which names objects of git. */
  public static final long SHA1 = 0x11;

  /** SHA-512. */
  public static final long SHA2_512 = 0x13;

  /** BLAKE3, 32 bytes. */
  public static final long BLAKE3 = 0x1e;

  /** BLAKE2b with digests of 32 bytes. */
  public static final long BLAKE2B_256 = 0xb220;

  /** The longest digest of a hash function, in bytes. */
  public static final int MAX_DIGEST = 64;

  /** The longest data that an identity multihash may carry, in bytes. */
  public static final int MAX_IDENTITY = 128;

  private final long code;
  // A CID's multihash shares the CID's bytes; nothing here ever hands them out or writes to them.
  private final byte[] backing;
  private final int start;
  private final int digestStart;
  private final int end;
  private int hash;

  private Multihash(long code, byte[] backing, int start, int digestStart, int end) {
    this.code = code;
    this.backing = backing;
    this.start = start;
    this.digestStart = digestStart;
    this.end = end;
  }

  /**
   * Makes one from its parts.
   *
   * @throws ProtocolException {@code BAD_CID} if the digest is longer than allowed
   */
  public static Multihash of(long code, byte[] digest) {
    checkLength(code, digest.length);
    int digestStart = Varint.size(code) + Varint.size(digest.length);
    ByteBuffer bytes = ByteBuffer.allocate(digestStart + digest.length);
    Varint.write(bytes, code);
    Varint.write(bytes, digest.length);
    bytes.put(digest);
    return new Multihash(code, bytes.array(), 0, digestStart, bytes.capacity());
  }

  /**
   * Reads the binary form, which must fill {@code bytes}.
   *
   * @throws ProtocolException if it does not, or the digest is longer than allowed
   */
  public static Multihash of(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes.clone());
    Multihash multihash = read(in);
    if (in.hasRemaining()) {
      throw new ProtocolException(BAD_CID, in.remaining() + " bytes behind a multihash");
    }
    return multihash;
  }

  /**
   * Reads the binary form at the position of {@code in}, which is moved behind it.
   *
   * @throws ProtocolException if the input ends early, or the digest is longer than allowed
   */
  public static Multihash read(ByteBuffer in) {
    int start = in.position();
    long code = Varint.read(in);
    int digestLength = readLength(code, in);
    int end = in.position() + digestLength;
    byte[] bytes = new byte[end - start];
    in.get(start, bytes);
    int digestStart = in.position() - start;
    in.position(end);
    return new Multihash(code, bytes, 0, digestStart, bytes.length);
  }

  /**
   * The multihash from {@code start} to the end of {@code bytes}, which are shared and never
   * change.
   */
  static Multihash inside(byte[] bytes, int start) {
    ByteBuffer in = ByteBuffer.wrap(bytes, start, bytes.length - start);
    long code = Varint.read(in);
    int length = readLength(code, in);
    if (in.remaining() != length) {
      throw new ProtocolException(
          BAD_CID, "digest of " + length + " bytes, but " + in.remaining() + " are there");
    }
    return new Multihash(code, bytes, start, in.position(), bytes.length);
  }

  /** Hashes what remains in {@code data} with SHA-256; its position stays. */
  public static Multihash sha2_256(ByteBuffer data) {
    return hash(SHA2_256, data);
  }

  /**
   * Hashes what remains in {@code data} with the full digest of a function; the position stays.
   *
   * @throws ProtocolException {@code HASH_NOT_ALLOWED} if the function is not one that blocks are
   *     verified with
   */
  public static Multihash hash(long code, ByteBuffer data) {
    return of(code, HashFunction.of(code).digest(data.duplicate()));
  }

  /**
   * As {@link #hash(long, ByteBuffer)}, with the digest cut to a length.
   *
   * @throws ProtocolException {@code HASH_NOT_ALLOWED} if the function is not allowed or makes no
   *     such digest
   */
  static Multihash hash(long code, long digestLength, ByteBuffer data) {
    HashFunction function = HashFunction.of(code);
    if (function == HashFunction.IDENTITY && data.remaining() > MAX_IDENTITY) {
      throw new ProtocolException(BAD_CID, "identity CID for " + data.remaining() + " bytes");
    }
    byte[] digest = function.digest(data.duplicate());
    checkTruncation(function, digestLength, digest.length);
    return of(code, Arrays.copyOf(digest, (int) digestLength));
  }

  private static void checkTruncation(HashFunction function, long digestLength, int full) {
    boolean fits =
        function == HashFunction.IDENTITY
            ? digestLength == full
            : digestLength >= HashFunction.MIN_DIGEST && digestLength <= full;
    if (!fits) {
      throw new ProtocolException(
          HASH_NOT_ALLOWED, function + " digest of " + digestLength + " bytes, not " + full);
    }
  }

  private static int readLength(long code, ByteBuffer in) {
    long length = Varint.read(in);
    checkLength(code, length);
    if (length > in.remaining()) {
      throw new ProtocolException(
          ProtocolException.DECODE_TRUNCATED,
          "digest of " + length + " bytes, " + in.remaining() + " are left");
    }
    return (int) length;
  }

  private static void checkLength(long code, long digestLength) {
    int limit = code == IDENTITY ? MAX_IDENTITY : MAX_DIGEST;
    if (digestLength > limit) {
      throw new ProtocolException(
          BAD_CID, "digest of " + digestLength + " bytes, at most " + limit);
    }
  }

  /** The number of the hash function. */
  public long code() {
    return code;
  }

  /** A copy of the digest. */
  public byte[] digest() {
    return Arrays.copyOfRange(backing, digestStart, end);
  }

  /** The length of the digest, in bytes. */
  public int digestLength() {
    return end - digestStart;
  }

  /** A read-only view of the digest. */
  public ByteBuffer digestBuffer() {
    return ByteBuffer.wrap(backing, digestStart, end - digestStart).slice().asReadOnlyBuffer();
  }

  /** A copy of the binary form. */
  public byte[] bytes() {
    return Arrays.copyOfRange(backing, start, end);
  }

  /**
   * Whether what remains in {@code data} hashes to this; the position stays. Digests shorter than
   * their function makes count as far as they go.
   *
   * @throws ProtocolException {@code HASH_NOT_ALLOWED} if the hash function or so short a digest is
   *     not allowed
   */
  public boolean matches(ByteBuffer data) {
    HashFunction function = HashFunction.of(code);
    if (function == HashFunction.IDENTITY) {
      return digestBuffer().equals(data);
    }
    byte[] digest = function.digest(data.duplicate());
    checkTruncation(function, digestLength(), digest.length);
    return Arrays.equals(digest, 0, digestLength(), backing, digestStart, end);
  }

  @Override
  public int compareTo(Multihash other) {
    return Arrays.compareUnsigned(backing, start, end, other.backing, other.start, other.end);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Multihash that
        && Arrays.equals(backing, start, end, that.backing, that.start, that.end);
  }

  @Override
  public int hashCode() {
    int result = hash;
    if (result == 0) {
      for (int i = start; i < end; i++) {
        result = 31 * result + backing[i];
      }
      hash = result;
    }
    return result;
  }

  /** The binary form in hexadecimal. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(backing, start, end);
  }
}
