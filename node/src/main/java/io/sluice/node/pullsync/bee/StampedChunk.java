package io.sluice.node.pullsync.bee;

import io.sluice.protocol.pullsync.bee.BeeCrypto;
import io.sluice.protocol.pullsync.bee.ChunkId;
import io.sluice.protocol.pullsync.bee.Stamp;
import io.sluice.protocol.retrieval.Bytes32;
import java.nio.ByteBuffer;

/**
 * A chunk with the stamp that lets it in.
 *
 * @param address of the data
 * @param data its bytes; not to be changed
 * @param stamp of a batch that is known here
 */
record StampedChunk(Bytes32 address, ByteBuffer data, Stamp stamp) {
  StampedChunk {
    data = data.asReadOnlyBuffer();
  }

  /** The bytes, for whoever reads them from the beginning. */
  @Override
  public ByteBuffer data() {
    return data.duplicate();
  }

  ChunkId id(BeeCrypto crypto) {
    return ChunkId.of(address, stamp, crypto);
  }
}
