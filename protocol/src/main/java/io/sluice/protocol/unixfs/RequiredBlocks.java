package io.sluice.protocol.unixfs;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;

/** Blocks of a store that have to be there. The store has verified them. */
record RequiredBlocks(BlockStore store) {
  /**
   * Reads a block.
   *
   * @throws BlockMissingException if it is not there
   */
  Block get(Cid cid) throws IOException {
    return store.get(cid).orElseThrow(() -> new BlockMissingException(cid));
  }

  UnixFsNode node(Cid cid) throws IOException {
    return UnixFsNode.of(get(cid));
  }
}
