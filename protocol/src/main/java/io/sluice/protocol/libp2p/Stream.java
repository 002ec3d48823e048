package io.sluice.protocol.libp2p;

import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * A conversation with one peer in one protocol: bytes in order, both ways, each way with an end of
 * its own.
 *
 * <p>Blocking, for virtual threads. One thread may read while another writes; two readers or two
 * writers take turns. An interrupted call throws {@link java.io.InterruptedIOException} and leaves
 * the stream as it was.
 */
public interface Stream extends Closeable {
  /** Who is at the other end; proven by the handshake of the connection. */
  PeerId remotePeer();

  /**
   * The address the connection really has, which for inbound connections is not an address to dial.
   */
  Multiaddr remoteAddress();

  /** The protocol that both ends agreed on. */
  String protocol();

  /**
   * Reads what there is, at least one byte, waiting for it where needed.
   *
   * @return the number of bytes put into {@code dst}; −1 once the peer has closed its side and all
   *     was read; 0 only if {@code dst} is full
   * @throws StreamResetException if either end reset the stream
   * @throws ConnectionLostException if the connection broke
   * @throws TimedOutException if nothing came within the idle time-out; the stream stays usable
   * @throws ProtocolNotSupportedException if the peer turns out not to speak the protocol
   */
  int read(ByteBuffer dst) throws IOException;

  /**
   * Sends all of the buffers, in order, and moves their positions to their limits. Returns when the
   * last byte is queued, which is bounded: it waits while the peer or the network is behind. The
   * bytes are copied, so that the buffers are free afterwards.
   *
   * @throws StreamResetException if either end reset the stream
   * @throws ConnectionLostException if the connection broke
   * @throws TimedOutException if the peer took nothing for the length of the idle time-out; how
   *     much of the buffers was sent is then shown by their positions
   */
  void write(ByteBuffer... src) throws IOException;

  /**
   * Says that nothing more will be written, after all that is queued. Reading goes on. Idempotent.
   */
  void closeWrite() throws IOException;

  /**
   * Ends both sides in good order: all that was written still goes out, what the peer still sends
   * is thrown away. Does not wait for the peer, except where its consent to the protocol is still
   * under way. Idempotent.
   */
  @Override
  void close() throws IOException;

  /**
   * Drops the stream at once: nothing queued goes out, and the peer's reads and writes fail.
   * Idempotent.
   */
  void reset();

  /**
   * Sets how long one read or write may wait without a single byte moving; {@link Duration#ZERO}
   * for no limit. To begin with it is {@link HostTimeouts#streamIdle()}.
   */
  void timeout(Duration idle);
}
