package io.sluice.protocol.car;

import io.sluice.protocol.multiformats.Cid;

/**
 * Where one block lies in a payload.
 *
 * @param offset of the section's length prefix, from the start of the payload; what indexes hold
 * @param cid as the section names it; nothing says yet that the data matches
 * @param dataOffset of the block's first byte, from the start of the payload
 * @param dataLength length of the block in bytes
 */
public record CarEntry(long offset, Cid cid, long dataOffset, int dataLength) {
  /** Where the next section begins. */
  public long next() {
    return dataOffset + dataLength;
  }
}
