package io.sluice.node.pullsync.bee;

import io.sluice.dealstore.disk.Directories;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.dealstore.disk.SteadyFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Records behind each other in one file: length (4) · CRC-32C of the rest (4) · record. One writer
 * at a time; reading beside it is safe.
 */
final class ReserveFile implements Closeable {
  static final int FRAME = 2 * Integer.BYTES;
  private static final int WINDOW = 1 << 20;

  private final SteadyFile file;
  private long end;
  private boolean broken;

  private ReserveFile(SteadyFile file) {
    this.file = file;
  }

  /** Takes a record found when the file is opened. */
  interface RecordVisitor {
    void visit(long position, ByteBuffer record) throws IOException;
  }

  /** Makes the records of a new file. */
  interface RecordSource {
    void writeTo(RecordSink out) throws IOException;
  }

  /** Takes the records of a new file, in order. */
  interface RecordSink {
    void put(ByteBuffer record) throws IOException;
  }

  /** Puts a file in place, whole or not at all; durable when this returns. */
  static void replace(Path path, DiskWatch watch, RecordSource source) throws IOException {
    Directories.replace(path, watch, out -> source.writeTo(record -> write(out, record)));
  }

  private static void write(OutputStream out, ByteBuffer record) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(FRAME + record.remaining());
    put(frame, record);
    out.write(frame.array());
  }

  static ReserveFile open(Path path, DiskWatch watch) throws IOException {
    return new ReserveFile(SteadyFile.readWrite(path, watch));
  }

  /**
   * Reads all records, and cuts off what is behind the last one that is whole: a write that the
   * process did not live to finish. Whether something was cut off that had been finished: then what
   * others were told of is lost.
   */
  boolean recover(RecordVisitor visitor) throws IOException {
    long size = file.size();
    long windowAt = 0;
    ByteBuffer window = window(windowAt);
    while (true) {
      Optional<ByteBuffer> record = frame(window, (int) (end - windowAt));
      if (record.isEmpty() && end > windowAt) { // it may go on behind the window
        windowAt = end;
        window = window(windowAt);
        record = frame(window, 0);
      }
      if (record.isEmpty()) {
        break;
      }
      int length = FRAME + record.get().remaining();
      visitor.visit(end, record.get());
      end += length;
    }
    boolean lost = end < size && hasRecordBehind(window);
    if (end < size) {
      file.truncate(end);
      file.force();
    }
    return lost;
  }

  private ByteBuffer window(long from) throws IOException {
    ByteBuffer window = ByteBuffer.allocate(WINDOW);
    fill(window, from);
    return window.flip();
  }

  /** Looks no further than the window: a write that was torn is not longer than that. */
  private static boolean hasRecordBehind(ByteBuffer window) {
    for (int at = 1; at < window.limit() - FRAME; at++) {
      if (frame(window, at).isPresent()) {
        return true;
      }
    }
    return false;
  }

  /** The record whose frame begins there; empty if none does, or not all of it is in the buffer. */
  private static Optional<ByteBuffer> frame(ByteBuffer in, int at) {
    if (in.limit() - at < FRAME) {
      return Optional.empty();
    }
    int length = in.getInt(at);
    if (length < 1 || length > ReserveRecord.MOST_BYTES || length > in.limit() - at - FRAME) {
      return Optional.empty();
    }
    ByteBuffer record = in.slice(at + FRAME, length);
    return in.getInt(at + Integer.BYTES) == checksum(record)
        ? Optional.of(record)
        : Optional.empty();
  }

  /** The bytes that all records take. */
  long end() {
    return end;
  }

  /**
   * Writes records; they are durable when this returns if asked for. If it fails nothing was
   * written; if that cannot be brought about, nothing is written ever after.
   *
   * @return where each begins
   */
  List<Long> append(List<ByteBuffer> records, boolean durable) throws IOException {
    if (broken) {
      throw new IOException(file.path() + " could not be written before; start again");
    }
    List<Long> positions = new ArrayList<>(records.size());
    int bytes = 0;
    for (ByteBuffer record : records) {
      positions.add(end + bytes);
      bytes += FRAME + record.remaining();
    }
    ByteBuffer frames = ByteBuffer.allocate(bytes);
    records.forEach(record -> put(frames, record));
    try {
      file.write(frames.flip(), end);
    } catch (IOException | RuntimeException e) {
      cutBack(e);
      throw e;
    }
    if (durable) {
      force();
    }
    end += bytes;
    return positions;
  }

  private void cutBack(Exception cause) {
    try {
      file.truncate(end);
    } catch (IOException | RuntimeException e) {
      broken = true;
      cause.addSuppressed(e);
    }
  }

  /** After a sync that failed nobody knows what is on the disk. */
  private void force() throws IOException {
    boolean synced = false;
    try {
      file.force();
      synced = true;
    } finally {
      broken |= !synced;
    }
  }

  /** The record at a place; empty if it is damaged. */
  Optional<ByteBuffer> read(long position, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(FRAME + length);
    fill(bytes, position);
    return frame(bytes.flip(), 0);
  }

  private void fill(ByteBuffer target, long position) throws IOException {
    long at = position;
    int count = 0;
    while (target.hasRemaining() && count >= 0) {
      count = file.read(target, at);
      at += Math.max(0, count);
    }
  }

  private static void put(ByteBuffer out, ByteBuffer record) {
    out.putInt(record.remaining()).putInt(checksum(record)).put(record.duplicate());
  }

  private static int checksum(ByteBuffer record) {
    CRC32C crc = new CRC32C();
    crc.update(record.duplicate());
    return (int) crc.getValue();
  }

  @Override
  public void close() throws IOException {
    try {
      if (!broken) {
        file.force();
      }
    } finally {
      file.close();
    }
  }
}
