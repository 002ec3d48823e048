package io.sluice.protocol.libp2p;

import io.netty.buffer.ByteBuf;

/**
 * The frames of yamux: a header of twelve bytes, big endian, and a body for data only.
 *
 * <pre>
 *   version 1 | type 1 | flags 2 | stream id 4 | length 4
 * </pre>
 *
 * <p>Spec: hashicorp/yamux spec.md, and its reading by libp2p.
 */
final class Yamux {
  static final String PROTOCOL = "/yamux/1.0.0";

  static final int HEADER = 12;

  /** What either end may send on a new stream before anything is granted. */
  static final int INITIAL_WINDOW = 256 * 1024;

  /** Streams that one end may have opened without the other having accepted them. */
  static final int BACKLOG = 256;

  static final int DATA = 0;
  static final int WINDOW_UPDATE = 1;
  static final int PING = 2;
  static final int GO_AWAY = 3;

  static final int SYN = 1;
  static final int ACK = 2;
  static final int FIN = 4;
  static final int RST = 8;

  static final int NORMAL = 0;
  static final int PROTOCOL_ERROR = 1;
  static final int INTERNAL_ERROR = 2;

  private Yamux() {}

  static void writeHeader(ByteBuf out, int type, int flags, int id, int length) {
    out.writeShort(type); // version 0 in the upper half
    out.writeShort(flags);
    out.writeInt(id);
    out.writeInt(length);
  }

  /** Fills in the header of a frame whose body follows {@link #HEADER} free bytes. */
  static void setHeader(ByteBuf frame, int type, int flags, int id, int length) {
    int at = frame.readerIndex();
    frame.setShort(at, type);
    frame.setShort(at + 2, flags);
    frame.setInt(at + 4, id);
    frame.setInt(at + 8, length);
  }
}
