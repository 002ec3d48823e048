package io.sluice.protocol.graphsync.wire;

import io.sluice.protocol.multiformats.Cid;
import java.nio.ByteBuffer;

/**
 * A block as it travels: its CID without the digest, and its bytes. Whose block it is shows only
 * when the bytes have been hashed, which is the integrity check. Spec: GraphSync 2.0.0, Block.
 *
 * @param prefix version, codec, hash function and digest length, as four varints
 * @param data the bytes, a view of the frame they came in; read-only by agreement
 */
public record GsBlock(ByteBuffer prefix, ByteBuffer data) {
  /** The block of a CID whose bytes are known to be right. */
  public static GsBlock of(Cid cid, ByteBuffer data) {
    return new GsBlock(ByteBuffer.wrap(cid.prefix()), data);
  }

  /**
   * Hashes the bytes.
   *
   * @throws io.sluice.protocol.ProtocolException if the prefix is malformed or names a hash
   *     function that is not allowed
   */
  public Cid cid() {
    return Cid.fromPrefix(prefix.duplicate(), data.duplicate());
  }
}
