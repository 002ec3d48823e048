package io.sluice.dealstore.journal;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * How a record lies in a segment: length (4) · sequence (8) · back (4) · CRC-32C (4) · payload,
 * big-endian. The checksum covers all the rest. {@code back} counts the records of the same group
 * before this one: a group is made durable by one sync, so it is what can be torn by a power cut.
 *
 * @param sequence the record's number, from 1, over all segments
 * @param groupStart the number of the first record of its group
 * @param payload what it carries
 */
record JournalFrame(long sequence, long groupStart, ByteBuffer payload) {
  static final int HEADER = 4 + 8 + 4 + 4;
  static final int MAX_PAYLOAD = 16 << 20;

  static int size(ByteBuffer payload) {
    return HEADER + payload.remaining();
  }

  static void write(ByteBuffer out, long sequence, int back, ByteBuffer payload) {
    int start = out.position();
    out.putInt(payload.remaining()).putLong(sequence).putInt(back);
    out.putInt(checksum(out.slice(start, 16), payload.duplicate()));
    out.put(payload.duplicate());
  }

  /**
   * The frame at the buffer's position, which moves behind it; empty, and not moved, if none is.
   */
  static Optional<JournalFrame> read(ByteBuffer in) {
    if (in.remaining() < HEADER) {
      return Optional.empty();
    }
    int start = in.position();
    int length = in.getInt(start);
    long sequence = in.getLong(start + 4);
    int back = in.getInt(start + 12);
    if (length < 0
        || length > MAX_PAYLOAD
        || length > in.remaining() - HEADER
        || back < 0
        || sequence <= back) {
      return Optional.empty();
    }
    ByteBuffer payload = in.slice(start + HEADER, length);
    if (in.getInt(start + 16) != checksum(in.slice(start, 16), payload.duplicate())) {
      return Optional.empty();
    }
    in.position(start + HEADER + length);
    return Optional.of(new JournalFrame(sequence, sequence - back, payload));
  }

  private static int checksum(ByteBuffer header, ByteBuffer payload) {
    CRC32C crc = new CRC32C();
    crc.update(header);
    crc.update(payload);
    return (int) crc.getValue();
  }

  byte[] bytes() {
    byte[] bytes = new byte[payload.remaining()];
    payload.duplicate().get(bytes);
    return bytes;
  }
}
