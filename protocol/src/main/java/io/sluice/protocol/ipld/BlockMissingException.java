package io.sluice.protocol.ipld;

import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;

/** A DAG cannot be read on, since one of its blocks is not in the store. */
public final class BlockMissingException extends IOException {
  private final transient Cid cid;

  /**
   * @param cid the block that is missing
   */
  public BlockMissingException(Cid cid) {
    super("the block " + cid + " is not here");
    this.cid = cid;
  }

  /** The block that is missing. */
  public Cid cid() {
    return cid;
  }
}
