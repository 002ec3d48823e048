package io.sluice.dealstore.blocks.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * How facts lie in a segment, a few KiB of them under one checksum: length of the body (4) ·
 * CRC-32C of it (4) · body: flags (1), durable (8), facts. Facts that count together or not at all
 * are a group; its last frame says so.
 *
 * @param last whether it ends a group
 * @param durable how much of the file was synced when this was written: damage before it cannot be
 *     a torn end
 * @param facts in their order
 */
record LogFrame(boolean last, long durable, List<LogFact> facts) {
  static final int HEADER = 8;
  private static final int HEAD_OF_BODY = 9;

  /** A frame takes no more facts when its body has reached this. */
  private static final int FULL = 2 << 10;

  static final int MOST_BODY = FULL + LogFact.MOST_BYTES;

  LogFrame {
    facts = List.copyOf(facts);
  }

  /** The frames of a group, one after the other. */
  static List<Encoded> group(List<LogFact> facts, long durable) {
    List<Encoded> frames = new ArrayList<>();
    ByteBuffer bytes = ByteBuffer.allocate(HEADER + MOST_BODY);
    begin(bytes, durable);
    long first = 0;
    for (int i = 0; i < facts.size(); i++) {
      LogFact fact = facts.get(i);
      if (first == 0 && fact instanceof LogFact.Numbered numbered) {
        first = numbered.entry().number();
      }
      fact.write(bytes);
      boolean last = i == facts.size() - 1;
      if (last || bytes.position() >= HEADER + FULL) {
        frames.add(new Encoded(first, ended(bytes, last)));
        first = 0;
        begin(bytes, durable);
      }
    }
    return frames;
  }

  /**
   * A frame to be written.
   *
   * @param first number in it, 0 if it has none
   */
  record Encoded(long first, ByteBuffer bytes) {}

  private static void begin(ByteBuffer bytes, long durable) {
    bytes.clear().position(HEADER).put((byte) 0).putLong(durable);
  }

  /** A copy: the buffer is used again. */
  private static ByteBuffer ended(ByteBuffer bytes, boolean last) {
    bytes.put(HEADER, (byte) (last ? 1 : 0)).flip();
    bytes.putInt(0, bytes.limit() - HEADER);
    bytes.putInt(4, checksum(bytes.slice(HEADER, bytes.limit() - HEADER)));
    return ByteBuffer.allocate(bytes.limit()).put(bytes).flip();
  }

  /** How many bytes the frame at the buffer's position says it takes; -1 if that cannot be. */
  static int claimed(ByteBuffer in) {
    if (in.remaining() < HEADER) {
      return -1;
    }
    int body = in.getInt(in.position());
    return body > HEAD_OF_BODY && body <= MOST_BODY ? HEADER + body : -1;
  }

  /**
   * The frame at the buffer's position, which moves behind it; empty, and not moved, if none is.
   */
  static Optional<LogFrame> read(ByteBuffer in) {
    int size = claimed(in);
    if (size < 0 || size > in.remaining()) {
      return Optional.empty();
    }
    ByteBuffer body = in.slice(in.position() + HEADER, size - HEADER);
    if (in.getInt(in.position() + 4) != checksum(body.duplicate())) {
      return Optional.empty();
    }
    Optional<LogFrame> frame = decode(body);
    frame.ifPresent(found -> in.position(in.position() + size));
    return frame;
  }

  /** What has its checksum and is none of ours counts as no frame. */
  private static Optional<LogFrame> decode(ByteBuffer body) {
    try {
      boolean last = body.get() != 0;
      long durable = body.getLong();
      List<LogFact> facts = new ArrayList<>();
      while (body.hasRemaining()) {
        facts.add(LogFact.read(body));
      }
      return Optional.of(new LogFrame(last, durable, facts));
    } catch (RuntimeException e) { // of each decoder its own
      return Optional.empty();
    }
  }

  private static int checksum(ByteBuffer bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    return (int) checksum.getValue();
  }
}
