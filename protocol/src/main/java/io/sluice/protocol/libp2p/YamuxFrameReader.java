package io.sluice.protocol.libp2p;

import io.netty.buffer.ByteBuf;
import io.sluice.protocol.ProtocolException;

/**
 * Takes a byte stream apart into yamux frames, however it was cut on the way. Bodies are handed on
 * in pieces as they arrive, as slices of what came in: a peer may send one frame as long as the
 * whole window.
 */
final class YamuxFrameReader {
  /** Hears of frames, in order. */
  interface FrameHandler {
    /** A frame without a body. The length is unsigned. */
    void onControl(int type, int flags, int id, long length);

    /** The header of a data frame; {@code length} bytes of body follow, then {@link #onDataEnd}. */
    void onData(int flags, int id, long length);

    /**
     * A piece of the body of the data frame under way. The sink owns the slice and has to release
     * it.
     */
    void onBody(ByteBuf slice);

    /** The body of the data frame is complete. */
    void onDataEnd(int flags, int id);
  }

  private final FrameHandler sink;
  private final byte[] header = new byte[Yamux.HEADER];
  private int have;
  private int flags;
  private int id;
  private long body;

  YamuxFrameReader(FrameHandler sink) {
    this.sink = sink;
  }

  /**
   * Reads all of {@code in}, without releasing it.
   *
   * @throws ProtocolException for a version or type that does not exist; nothing can be read after
   *     that
   */
  void read(ByteBuf in) {
    while (in.isReadable()) {
      if (body > 0) {
        readBody(in);
      } else {
        readHeader(in);
      }
    }
  }

  private void readBody(ByteBuf in) {
    int length = (int) Math.min(body, in.readableBytes());
    body -= length;
    sink.onBody(in.readRetainedSlice(length));
    if (body == 0) {
      sink.onDataEnd(flags, id);
    }
  }

  private void readHeader(ByteBuf in) {
    int length = Math.min(Yamux.HEADER - have, in.readableBytes());
    in.readBytes(header, have, length);
    have += length;
    if (have < Yamux.HEADER) {
      return;
    }
    have = 0;
    int type = header[1] & 0xff;
    if (header[0] != 0 || type > Yamux.GO_AWAY) {
      throw new ProtocolException(
          "FRAME_VIOLATION", "yamux version " + (header[0] & 0xff) + ", type " + type);
    }
    flags = ((header[2] & 0xff) << 8) | (header[3] & 0xff);
    id = integer(4);
    long size = Integer.toUnsignedLong(integer(8));
    if (type != Yamux.DATA) {
      sink.onControl(type, flags, id, size);
      return;
    }
    sink.onData(flags, id, size);
    body = size;
    if (body == 0) {
      sink.onDataEnd(flags, id);
    }
  }

  private int integer(int at) {
    return (header[at] << 24)
        | ((header[at + 1] & 0xff) << 16)
        | ((header[at + 2] & 0xff) << 8)
        | (header[at + 3] & 0xff);
  }
}
