package io.sluice.protocol.multiformats;

import static io.sluice.protocol.ProtocolException.BAD_CID;
import static io.sluice.protocol.ProtocolException.HASH_NOT_ALLOWED;

import io.sluice.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A content identifier: how to read a block (its codec) and what it hashes to.
 *
 * <p>Immutable. Compared by its bytes: the version 0 and version 1 forms of one block are different
 * links. Block stores look blocks up by {@link #hash()}, so that either form finds them.
 *
 * <p>Spec: multiformats/cid.
 */
public final class Cid implements Comparable<Cid> {
  private static final int V0_LENGTH = 34;
  private static final int V0_TEXT_LENGTH = 46;
  private static final int SHA2_256_LENGTH = 32;
  private static final String IPFS_PATH = "/ipfs/";

  /** The longest text that can be a CID, hexadecimal being the longest form. */
  private static final int MAX_SHOWN = 100;

  private static final int MAX_TEXT = 512;

  private final byte[] bytes;
  private final int version;
  private final long codec;
  private final Multihash multihash;
  private int hash;

  private Cid(byte[] bytes, int version, long codec, Multihash multihash) {
    this.bytes = bytes;
    this.version = version;
    this.codec = codec;
    this.multihash = multihash;
  }

  /** A CID of version 1. */
  public static Cid v1(long codec, Multihash multihash) {
    byte[] hash = multihash.bytes();
    ByteBuffer bytes = ByteBuffer.allocate(1 + Varint.size(codec) + hash.length);
    bytes.put((byte) 1);
    Varint.write(bytes, codec);
    int hashStart = bytes.position();
    bytes.put(hash);
    return new Cid(bytes.array(), 1, codec, Multihash.inside(bytes.array(), hashStart));
  }

  /**
   * A CID of version 0, which is always dag-pb with SHA-256.
   *
   * @throws ProtocolException {@code BAD_CID} if the hash is another
   */
  public static Cid v0(Multihash multihash) {
    if (multihash.code() != Multihash.SHA2_256 || multihash.digestLength() != SHA2_256_LENGTH) {
      throw new ProtocolException(BAD_CID, "a CID of version 0 needs sha2-256, not " + multihash);
    }
    byte[] bytes = multihash.bytes();
    return new Cid(bytes, 0, Codec.DAG_PB, Multihash.inside(bytes, 0));
  }

  /** The CID of version 1 with the SHA-256 of what remains in {@code data}; the position stays. */
  public static Cid sha2_256(long codec, ByteBuffer data) {
    return v1(codec, Multihash.sha2_256(data));
  }

  /**
   * Reads the binary form, which must fill {@code bytes}.
   *
   * @throws ProtocolException if it does not, or is over the limits
   */
  public static Cid of(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    Cid cid = read(in);
    if (in.hasRemaining()) {
      throw new ProtocolException(BAD_CID, in.remaining() + " bytes behind a CID");
    }
    return cid;
  }

  /**
   * Reads the binary form at the position of {@code in} and moves the position behind it.
   *
   * @throws ProtocolException if there is none, or it is over the limits
   */
  public static Cid read(ByteBuffer in) {
    int start = in.position();
    if (in.remaining() >= 2 && in.get(start) == 0x12 && in.get(start + 1) == SHA2_256_LENGTH) {
      if (in.remaining() < V0_LENGTH) {
        throw new ProtocolException(BAD_CID, "a CID of version 0 in " + in.remaining() + " bytes");
      }
      byte[] bytes = new byte[V0_LENGTH];
      in.get(bytes);
      return new Cid(bytes, 0, Codec.DAG_PB, Multihash.inside(bytes, 0));
    }
    long version = Varint.read(in);
    if (version != 1) {
      throw new ProtocolException(BAD_CID, "CID of version " + version);
    }
    long codec = Varint.read(in);
    int hashStart = in.position();
    Varint.read(in);
    long digestLength = Varint.read(in);
    if (digestLength > in.remaining()) {
      throw new ProtocolException(
          BAD_CID,
          "CID with a digest of " + digestLength + " bytes, " + in.remaining() + " are left");
    }
    int end = in.position() + (int) digestLength;
    byte[] bytes = new byte[end - start];
    in.get(start, bytes);
    in.position(end);
    return new Cid(bytes, 1, codec, Multihash.inside(bytes, hashStart - start));
  }

  /**
   * Reads the text form: base58 of version 0, or any multibase of version 1; {@code /ipfs/} may
   * stand before it.
   *
   * @throws ProtocolException {@code BAD_CID} if it is not one
   */
  public static Cid parse(String text) {
    String bare = text.startsWith(IPFS_PATH) ? text.substring(IPFS_PATH.length()) : text;
    try {
      return parseBare(bare);
    } catch (ProtocolException e) {
      String shown = bare.length() > MAX_SHOWN ? bare.substring(0, MAX_SHOWN) + "…" : bare;
      throw new ProtocolException(
          BAD_CID, "'%s' is not a valid CID: %s".formatted(shown, e.getMessage()), e);
    }
  }

  private static Cid parseBare(String bare) {
    if (bare.length() > MAX_TEXT) {
      throw new ProtocolException(BAD_CID, bare.length() + " characters are too many");
    }
    if (bare.startsWith("Qm")) { // Q is no multibase
      if (bare.length() != V0_TEXT_LENGTH) {
        throw new ProtocolException(
            BAD_CID,
            "it has %d characters, and with Qm at its beginning %d are needed"
                .formatted(bare.length(), V0_TEXT_LENGTH));
      }
      return of(Multibase.BASE58_BTC.decodeBare(bare));
    }
    Cid cid = of(Multibase.decode(bare));
    if (cid.version == 0) {
      throw new ProtocolException(BAD_CID, "a CID of version 0 has no multibase prefix");
    }
    return cid;
  }

  /**
   * The CID of {@code data} by the prefix that GraphSync sends before a block: version, codec, hash
   * function and digest length, without the digest. The prefix is consumed; the position of the
   * data stays.
   *
   * @throws ProtocolException if the prefix is malformed or its hash function not allowed
   */
  public static Cid fromPrefix(ByteBuffer prefix, ByteBuffer data) {
    long version = Varint.read(prefix);
    long codec = Varint.read(prefix);
    long function = Varint.read(prefix);
    long digestLength = Varint.read(prefix);
    if (prefix.hasRemaining()) {
      throw new ProtocolException(BAD_CID, prefix.remaining() + " bytes behind a CID prefix");
    }
    if (version > 1) {
      throw new ProtocolException(BAD_CID, "CID of version " + version);
    }
    if (version == 0
        && (codec != Codec.DAG_PB
            || function != Multihash.SHA2_256
            || digestLength != SHA2_256_LENGTH)) {
      throw new ProtocolException(BAD_CID, "a CID of version 0 is always dag-pb and sha2-256");
    }
    checkHash(codec, function);
    Multihash multihash = Multihash.hash(function, digestLength, data);
    return version == 0 ? v0(multihash) : v1(codec, multihash);
  }

  /**
   * Whether what remains in {@code data} is the block of this CID; the position stays.
   *
   * @throws ProtocolException {@code HASH_NOT_ALLOWED} if its hash function, or so short a digest,
   *     is not one that blocks of its codec are verified with
   */
  public boolean matches(ByteBuffer data) {
    checkHash(codec, multihash.code());
    return multihash.matches(data);
  }

  /** Git has nothing better; for all others SHA-1 is too weak. */
  private static void checkHash(long codec, long function) {
    if (function == Multihash.SHA1 && codec != Codec.GIT_RAW) {
      throw new ProtocolException(
          HASH_NOT_ALLOWED, "SHA-1 is not allowed for blocks of " + Codec.name(codec));
    }
  }

  /** 0 or 1. */
  public int version() {
    return version;
  }

  /** How the block is to be read: see {@link Codec}. */
  public long codec() {
    return codec;
  }

  /** What the block hashes to. */
  public Multihash hash() {
    return multihash;
  }

  /** Whether the CID carries its block itself instead of a hash. */
  public boolean isIdentity() {
    return multihash.code() == Multihash.IDENTITY;
  }

  /** A copy of the binary form. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The length of the binary form, in bytes. */
  public int size() {
    return bytes.length;
  }

  /** Writes the binary form at the position of {@code out}. */
  public void write(ByteBuffer out) {
    out.put(bytes);
  }

  /** The binary form without the digest, with version and codec written out also for version 0. */
  public byte[] prefix() {
    ByteBuffer prefix = ByteBuffer.allocate(4 * Varint.MAX_SIZE);
    Varint.write(prefix, version);
    Varint.write(prefix, codec);
    Varint.write(prefix, multihash.code());
    Varint.write(prefix, multihash.digestLength());
    return Arrays.copyOf(prefix.array(), prefix.position());
  }

  /** The same block under version 1. */
  public Cid asV1() {
    return version == 1 ? this : v1(codec, multihash);
  }

  @Override
  public int compareTo(Cid other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return this == other || (other instanceof Cid that && Arrays.equals(bytes, that.bytes));
  }

  @Override
  public int hashCode() {
    int result = hash;
    if (result == 0) {
      result = Arrays.hashCode(bytes);
      hash = result;
    }
    return result;
  }

  /** The canonical text: bare base58 for version 0, base32 for version 1. */
  @Override
  public String toString() {
    return version == 0
        ? Multibase.BASE58_BTC.encodeBare(bytes)
        : Multibase.encode(Multibase.BASE32, bytes);
  }
}
