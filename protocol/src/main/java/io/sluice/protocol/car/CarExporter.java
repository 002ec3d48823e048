package io.sluice.protocol.car;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.Links;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.CidSet;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Writes whole DAGs to an archive: depth first from each root, every block once; blocks in identity
 * CIDs are followed, not written. Remembers the CIDs that it wrote. Safe for any number of threads.
 */
public final class CarExporter {
  private final BlockStore store;

  /** Takes blocks from a store. */
  public CarExporter(BlockStore store) {
    this.store = store;
  }

  /**
   * Writes all that lies beneath some roots; the writer stays open.
   *
   * @throws BlockMissingException if a block is not here
   */
  public CarContent write(List<Cid> roots, CarWriter archive) throws IOException {
    long blocks = 0;
    long bytes = 0;
    CidSet seen = new CidSet();
    Deque<Cid> ahead = new ArrayDeque<>(roots);
    while (!ahead.isEmpty()) {
      Cid cid = ahead.pop();
      if (!seen.add(cid)) {
        continue;
      }
      Optional<Block> found = store.get(cid);
      if (found.isEmpty()) {
        throw new BlockMissingException(cid);
      }
      Block block = found.get();
      if (!cid.isIdentity()) {
        archive.write(block);
        blocks++;
        bytes += block.size();
      }
      Links.of(block).reversed().forEach(ahead::push);
    }
    return new CarContent(roots, blocks, bytes);
  }
}
