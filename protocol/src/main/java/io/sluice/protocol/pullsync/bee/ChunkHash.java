package io.sluice.protocol.pullsync.bee;

import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import java.util.Arrays;
import java.util.Optional;

/**
 * Which address the bytes of a chunk have.
 *
 * <p>A content-addressed chunk is a span of 8 bytes and up to 4096 of payload. Its address is the
 * keccak-256 of the span and the root of a binary tree over the payload in segments of 32 bytes,
 * filled up with zeros. A single-owner chunk is an id, a signature, and a content-addressed chunk;
 * its address is the keccak-256 of the id and the account that signed id and content.
 *
 * <p>Spec: bee v2.8.1, {@code pkg/bmt}, {@code pkg/cac}, {@code pkg/soc}.
 */
public final class ChunkHash {
  /** The most bytes of a payload. */
  public static final int PAYLOAD = 4096;

  /** The bytes of a span. */
  public static final int SPAN = Long.BYTES;

  private static final int SEGMENT = Bytes32.LENGTH;
  private static final int PAIR = 2 * SEGMENT;
  private static final int OWNER_HEAD = SEGMENT + Signature.LENGTH;

  private final BeeCrypto crypto;

  /** The roots of trees of zeros, over one pair of segments and up. */
  private final byte[][] zeros;

  /** Hashes with that. */
  public ChunkHash(BeeCrypto crypto) {
    this.crypto = crypto;
    this.zeros = new byte[Integer.numberOfTrailingZeros(PAYLOAD / SEGMENT)][];
    byte[] below = new byte[SEGMENT];
    for (int level = 0; level < zeros.length; level++) {
      below = crypto.keccak(below, below).bytes();
      zeros[level] = below;
    }
  }

  /** Whether the bytes are a chunk of that address, of either kind. */
  public boolean matches(Bytes32 address, byte[] data) {
    return content(data, 0).filter(address::equals).isPresent()
        || singleOwner(data).filter(address::equals).isPresent();
  }

  /** The address of a content-addressed chunk; empty if it is too short or too long for one. */
  public Optional<Bytes32> content(byte[] data) {
    return content(data, 0);
  }

  private Optional<Bytes32> content(byte[] data, int from) {
    int payload = data.length - from - SPAN;
    if (payload < 0 || payload > PAYLOAD) {
      return Optional.empty();
    }
    byte[] span = Arrays.copyOfRange(data, from, from + SPAN);
    return Optional.of(crypto.keccak(span, root(data, from + SPAN, zeros.length - 1)));
  }

  /**
   * The root over what lies from a place on.
   *
   * @param level 0 for one pair of segments, one more for each doubling
   */
  private byte[] root(byte[] data, int from, int level) {
    if (from >= data.length) {
      return zeros[level];
    }
    if (level == 0) {
      return crypto.keccak(Arrays.copyOf(tail(data, from), PAIR)).bytes();
    }
    int half = PAIR << (level - 1);
    return crypto.keccak(root(data, from, level - 1), root(data, from + half, level - 1)).bytes();
  }

  private static byte[] tail(byte[] data, int from) {
    return Arrays.copyOfRange(data, from, Math.min(data.length, from + PAIR));
  }

  /** The address of a single-owner chunk; empty if it is none, or nobody's signature fits. */
  public Optional<Bytes32> singleOwner(byte[] data) {
    if (data.length < OWNER_HEAD) {
      return Optional.empty();
    }
    byte[] id = Arrays.copyOf(data, SEGMENT);
    Signature signature = Signature.of(Arrays.copyOfRange(data, SEGMENT, OWNER_HEAD));
    return content(data, OWNER_HEAD)
        .map(wrapped -> crypto.signedMessage(crypto.keccak(id, wrapped.bytes())))
        .flatMap(digest -> crypto.signer(signature, digest))
        .map(owner -> crypto.keccak(id, owner.bytes()));
  }

  /** The address that a single owner's chunk of that id has. */
  public Bytes32 singleOwner(Bytes32 id, EvmAddress owner) {
    return crypto.keccak(id.bytes(), owner.bytes());
  }
}
