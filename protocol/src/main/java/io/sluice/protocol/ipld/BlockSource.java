package io.sluice.protocol.ipld;

import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;

/** Where an interpretation gets further blocks from: the walk it is part of. */
@FunctionalInterface
interface BlockSource {
  /**
   * Loads a block.
   *
   * @throws InterpretationException if it is missing or not of its codec
   */
  NodeView load(Cid cid) throws InterpretationException, IOException, InterruptedException;
}
