package io.sluice.dealstore.blocks;

import io.sluice.dealstore.disk.SteadyFile;
import io.sluice.protocol.car.CarV2Header;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What a sealed file's header says, and the checksum of its index, in the gap before the payload.
 * CARv2 has no checksums: without this a flipped bit in header or index would hide blocks that are
 * there.
 *
 * @param dataSize length of the payload
 * @param indexOffset where the index begins
 * @param indexBytes its length
 * @param indexChecksum CRC-32C of it
 */
record SealMark(long dataSize, long indexOffset, long indexBytes, int indexChecksum) {
  private static final int POSITION = 1536;
  private static final long MAGIC = 0x736c_7569_6365_0002L;
  private static final int CHECKED = 4 * Long.BYTES + Integer.BYTES;

  /** The mark for an index that ends the file. */
  static SealMark of(SteadyFile file, long dataSize, long indexOffset) throws IOException {
    long bytes = file.size() - indexOffset;
    return new SealMark(dataSize, indexOffset, bytes, file.checksum(indexOffset, bytes));
  }

  static Optional<SealMark> read(SteadyFile file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(CHECKED + Integer.BYTES);
    if (file.size() < POSITION + bytes.capacity()) {
      return Optional.empty();
    }
    file.readFully(bytes, POSITION);
    bytes.flip();
    if (bytes.getInt(CHECKED) != checksum(bytes.slice(0, CHECKED)) || bytes.getLong() != MAGIC) {
      return Optional.empty();
    }
    return Optional.of(
        new SealMark(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getInt()));
  }

  void write(SteadyFile file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(CHECKED + Integer.BYTES);
    bytes.putLong(MAGIC).putLong(dataSize).putLong(indexOffset).putLong(indexBytes);
    bytes.putInt(indexChecksum).putInt(checksum(bytes.slice(0, CHECKED)));
    file.write(bytes.flip(), POSITION);
  }

  CarV2Header header(long dataOffset) {
    return new CarV2Header(false, dataOffset, dataSize, indexOffset);
  }

  /** Whether the index is what it was. */
  boolean indexIsSound(SteadyFile file) throws IOException {
    try {
      return file.checksum(indexOffset, indexBytes) == indexChecksum;
    } catch (EOFException e) {
      return false;
    }
  }

  private static int checksum(ByteBuffer bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    return (int) checksum.getValue();
  }
}
