package io.sluice.protocol.libp2p;

import io.sluice.protocol.Ticker;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/**
 * Measures how fast a connection carries bytes, first there and then back. The asker says how many
 * bytes it wants back, sends its own and ends its side; then the other end answers.
 *
 * <p>Spec: libp2p perf 1.0.0.
 */
public final class Perf {
  /** The name of the specification, which is proposed first, and one that is in use beside it. */
  public static final List<String> PROTOCOLS = List.of("/perf/1.0.0", "/libp2p/perf/1.0.0");

  static final int CHUNK = 64 * 1024;
  private static final Duration IDLE = Duration.ofSeconds(30);

  private Perf() {}

  /**
   * What was measured.
   *
   * @param uploadBytes sent
   * @param upload from the first byte until the peer had all of them
   * @param downloadBytes received
   * @param download from then until the last byte
   */
  public record PerfResult(
      long uploadBytes, Duration upload, long downloadBytes, Duration download) {}

  /**
   * Has a peer take and send so many bytes, connecting first where needed. Blocks until it is done.
   *
   * @param upload bytes to send, 0 and up
   * @param download bytes to have sent back, 0 and up
   * @throws ProtocolNotSupportedException if the peer does not measure
   * @throws StreamResetException if it does not want to, or not so much
   */
  public static PerfResult measure(
      Host host, PeerId peer, List<Multiaddr> where, long upload, long download, Ticker ticker)
      throws IOException {
    if (upload < 0 || download < 0) {
      throw new IllegalArgumentException(upload + " bytes there and " + download + " back");
    }
    try (Stream stream = host.open(peer, where, PROTOCOLS)) {
      stream.timeout(IDLE);
      long began = ticker.nanos();
      stream.write(ByteBuffer.allocate(Long.BYTES).putLong(0, download));
      send(stream, upload, () -> {});
      stream.closeWrite();
      ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
      int first = stream.read(buffer); // comes when the peer has read all of ours
      long turned = ticker.nanos();
      long received = 0;
      for (int count = first; count >= 0; count = stream.read(buffer.clear())) {
        received += count;
        if (received > download) {
          break;
        }
      }
      if (received != download) {
        throw new HandshakeException(
            "peer %s sent %s bytes of the %d that were asked for"
                .formatted(peer, received > download ? "more" : received + "", download));
      }
      return new PerfResult(
          upload,
          Duration.ofNanos(turned - began),
          download,
          Duration.ofNanos(ticker.nanos() - turned));
    }
  }

  /** Whether the time for it is over, looked at between two pieces. */
  interface Deadline {
    void check() throws IOException;
  }

  /** Sends so many zeros. */
  static void send(Stream stream, long bytes, Deadline deadline) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocate(CHUNK);
    for (long left = bytes; left > 0; left -= zeros.limit()) {
      deadline.check();
      stream.write(zeros.clear().limit((int) Math.min(CHUNK, left)));
    }
  }
}
