package io.sluice.dealstore.blocks.log;

import io.sluice.protocol.car.ByteSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Frames of a segment from front to end, read in pieces. For one thread. */
final class FrameReader {
  private static final int PIECE = 8 << 10;

  private final ByteSource file;
  private final long end;
  private ByteBuffer piece = ByteBuffer.allocate(0);
  private long pieceStart;

  /**
   * Frames between two offsets.
   *
   * @param from where a frame begins
   * @param end not read beyond
   */
  FrameReader(ByteSource file, long from, long end) {
    this.file = file;
    this.pieceStart = from;
    this.end = end;
  }

  /** Where the next frame begins. */
  long offset() {
    return pieceStart + piece.position();
  }

  boolean atEnd() {
    return offset() >= end;
  }

  /** The next frame; empty at the end, and where none stands. */
  Optional<LogFrame> next() throws IOException {
    if (isCutOff()) {
      fill(PIECE);
    }
    if (isCutOff()) {
      fill(LogFrame.claimed(piece));
    }
    return LogFrame.read(piece);
  }

  private boolean isCutOff() {
    return LogFrame.claimed(piece) > piece.remaining() || piece.remaining() < LogFrame.HEADER;
  }

  private void fill(int wanted) throws IOException {
    pieceStart = offset();
    piece = ByteBuffer.allocate((int) Math.max(0, Math.min(wanted, end - pieceStart)));
    file.readFully(piece, pieceStart);
    piece.flip();
  }
}
