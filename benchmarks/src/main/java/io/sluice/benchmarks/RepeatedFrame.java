package io.sluice.benchmarks;

import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.multiformats.Varint;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/** A stream on which one frame comes over and over, as fast as it is read. */
final class RepeatedFrame implements Stream {
  private static final PeerId PEER = Identity.ofSeed(new byte[32]).peerId();

  private final ByteBuffer bytes;

  /** Repeats a frame, given in pieces, with its length before it. */
  RepeatedFrame(List<ByteBuffer> frame) {
    int length = frame.stream().mapToInt(ByteBuffer::remaining).sum();
    bytes = ByteBuffer.allocate(Varint.size(length) + length);
    Varint.write(bytes, length);
    frame.forEach(piece -> bytes.put(piece.duplicate()));
    bytes.flip();
  }

  @Override
  public int read(ByteBuffer to) {
    if (!bytes.hasRemaining()) {
      bytes.rewind();
    }
    int count = Math.min(to.remaining(), bytes.remaining());
    to.put(bytes.slice(bytes.position(), count));
    bytes.position(bytes.position() + count);
    return count;
  }

  @Override
  public PeerId remotePeer() {
    return PEER;
  }

  @Override
  public Multiaddr remoteAddress() {
    return Multiaddr.parse("/ip4/127.0.0.1/tcp/4001");
  }

  @Override
  public String protocol() {
    return "";
  }

  @Override
  public void write(ByteBuffer... from) {
    throw new UnsupportedOperationException("this stream is only read");
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
