package io.sluice.protocol.ipld;

import static io.sluice.protocol.ProtocolException.BLOCK_HASH_MISMATCH;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import java.nio.ByteBuffer;

/**
 * A block and its name. That the bytes hash to the CID is known only of those made by {@link
 * #verified} or {@link #of}.
 *
 * @param cid the name
 * @param data the bytes, read-only, never copied; every call gives a view with a position of its
 *     own
 */
public record Block(Cid cid, ByteBuffer data) {
  /** Takes a view of what remains in {@code data}; the content must not change any more. */
  public Block {
    data = data.slice().asReadOnlyBuffer();
  }

  /**
   * Makes a block of bytes from elsewhere.
   *
   * @throws ProtocolException {@code BLOCK_HASH_MISMATCH} if they do not hash to the CID, {@code
   *     HASH_NOT_ALLOWED} if its hash function is not one that blocks are verified with
   */
  public static Block verified(Cid cid, ByteBuffer data) {
    if (!cid.matches(data)) {
      throw new ProtocolException(
          BLOCK_HASH_MISMATCH, data.remaining() + " bytes do not hash to " + cid);
    }
    return new Block(cid, data);
  }

  /** Makes a block of our own: a CID of version 1 with SHA-256. */
  public static Block of(long codec, ByteBuffer data) {
    return new Block(Cid.sha2_256(codec, data), data);
  }

  /** A view of the bytes. */
  @Override
  public ByteBuffer data() {
    return data.duplicate();
  }

  /** The number of bytes. */
  public int size() {
    return data.capacity();
  }

  @Override
  public String toString() {
    return "Block[" + cid + ", " + size() + " bytes]";
  }
}
