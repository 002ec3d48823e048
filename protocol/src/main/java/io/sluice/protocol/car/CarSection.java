package io.sluice.protocol.car;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import java.nio.ByteBuffer;

/**
 * One block as an archive holds it.
 *
 * @param offset of its length prefix, from the start of the payload
 * @param cid as the archive names it; nothing says yet that the data matches
 * @param data the block's bytes; every call gives a view with a position of its own
 */
public record CarSection(long offset, Cid cid, ByteBuffer data) {
  /** A view of the block's bytes. */
  @Override
  public ByteBuffer data() {
    return data.duplicate();
  }

  /**
   * The block after its bytes were hashed.
   *
   * @throws io.sluice.protocol.ProtocolException {@code BLOCK_HASH_MISMATCH}
   */
  public Block verified() {
    return Block.verified(cid, data);
  }
}
