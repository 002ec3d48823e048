package io.sluice.protocol.unixfs;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;

/**
 * Blocks of a store, each hashed when it is read: what leaves for a user's file has to be right.
 */
record VerifiedBlocks(BlockStore store) {
  /**
   * Reads a block.
   *
   * @throws BlockMissingException if it is not there
   * @throws io.sluice.protocol.ProtocolException {@code BLOCK_HASH_MISMATCH}
   */
  Block get(Cid cid) throws IOException {
    Block block = store.get(cid).orElseThrow(() -> new BlockMissingException(cid));
    return cid.isIdentity() ? block : Block.verified(cid, block.data());
  }

  UnixFsNode node(Cid cid) throws IOException {
    return UnixFsNode.of(get(cid));
  }
}
