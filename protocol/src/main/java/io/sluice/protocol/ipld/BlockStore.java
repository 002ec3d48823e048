package io.sluice.protocol.ipld;

import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where blocks are kept. A port: the node has a store on disk, tests have one in memory.
 *
 * <p>Blocks are found by the hash in their CID, so that every CID of the same hash finds the same
 * bytes. Safe for use by several threads.
 */
public interface BlockStore {
  /** Whether the block is there. */
  boolean has(Cid cid);

  /** The size of the block in bytes, if it is there. */
  OptionalInt size(Cid cid);

  /**
   * The block, if it is there. Its bytes match its CID: a store whose bytes may change beneath it
   * hashes them as it reads, and a block that does not match counts as absent from then on, so that
   * it can be put again.
   *
   * @throws IOException if the disk fails
   */
  Optional<Block> get(Cid cid) throws IOException;

  /**
   * Whether the block is absent because what lies in its place was found to be something else.
   * Known once it was read.
   */
  default boolean isDamaged(Cid cid) {
    return false;
  }

  /**
   * Keeps a verified block. It can be read at once, and is durable after the next {@link #sync}. A
   * block that is there already changes nothing.
   *
   * @throws IOException if the disk fails or is full; the block may then be there or not
   */
  void put(Block block) throws IOException;

  /**
   * Makes all that was put before durable, and returns when it is.
   *
   * @throws IOException if the disk fails; what was put since the last sync may then be lost
   */
  void sync() throws IOException;
}
