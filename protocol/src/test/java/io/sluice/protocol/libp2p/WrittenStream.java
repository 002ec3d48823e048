package io.sluice.protocol.libp2p;

import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;

/** A stream on which everything has come already; it hands it over in pieces. */
public final class WrittenStream implements Stream {
  private final ByteBuffer in;
  private final int piece;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private WrittenStream(ByteBuffer in, int piece) {
    this.in = in;
    this.piece = piece;
  }

  /** Hands over these bytes, so many at a time at most. */
  public static WrittenStream of(byte[] bytes, int piece) {
    return new WrittenStream(ByteBuffer.wrap(bytes), piece);
  }

  /** What was written to it. */
  public byte[] written() {
    return out.toByteArray();
  }

  @Override
  public int read(ByteBuffer dst) {
    if (!in.hasRemaining()) {
      return -1;
    }
    int count = Math.min(Math.min(piece, dst.remaining()), in.remaining());
    dst.put(in.slice(in.position(), count));
    in.position(in.position() + count);
    return count;
  }

  @Override
  public void write(ByteBuffer... src) {
    for (ByteBuffer each : src) {
      while (each.hasRemaining()) {
        out.write(each.get());
      }
    }
  }

  @Override
  public PeerId remotePeer() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Multiaddr remoteAddress() {
    throw new UnsupportedOperationException();
  }

  @Override
  public String protocol() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void closeWrite() {}

  @Override
  public void close() {}

  @Override
  public void reset() {}

  @Override
  public void timeout(Duration idle) {}
}
