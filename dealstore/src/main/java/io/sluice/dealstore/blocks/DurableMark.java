package io.sluice.dealstore.blocks;

import io.sluice.dealstore.disk.SteadyFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * How much of an active file is known to be on the disk: written into the gap before the payload
 * after each sync, without one of its own. A mark that is missing or behind only costs time at the
 * next start, since what lies behind it is hashed again; it is never ahead.
 */
final class DurableMark {
  /** Within one disk sector, so that it is written whole or not at all. */
  private static final int POSITION = 1024;

  private static final long MAGIC = 0x736c_7569_6365_0001L;
  private static final int CHECKED = 2 * Long.BYTES;
  private static final int BYTES = CHECKED + Integer.BYTES;

  private DurableMark() {}

  static void write(SteadyFile file, long payloadLength) throws IOException {
    ByteBuffer mark = ByteBuffer.allocate(BYTES).putLong(MAGIC).putLong(payloadLength);
    file.write(mark.putInt(checksum(mark.array())).flip(), POSITION);
  }

  /** The marked length of the payload; 0 if there is no mark. */
  static long read(SteadyFile file) throws IOException {
    if (file.size() < POSITION + BYTES) {
      return 0;
    }
    ByteBuffer mark = ByteBuffer.allocate(BYTES);
    file.readFully(mark, POSITION);
    mark.flip();
    long magic = mark.getLong();
    long length = mark.getLong();
    boolean sound = magic == MAGIC && mark.getInt() == checksum(mark.array()) && length >= 0;
    return sound ? length : 0;
  }

  private static int checksum(byte[] mark) {
    CRC32C checksum = new CRC32C();
    checksum.update(mark, 0, CHECKED);
    return (int) checksum.getValue();
  }
}
