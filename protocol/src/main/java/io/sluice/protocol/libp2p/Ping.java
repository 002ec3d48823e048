package io.sluice.protocol.libp2p;

import io.sluice.protocol.Ticker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** Round trips by echo. Spec: libp2p ping 1.0.0. */
final class Ping {
  static final String PROTOCOL = "/ipfs/ping/1.0.0";

  private static final int SIZE = 32;

  private Ping() {}

  /** Echoes until the peer has enough. */
  static void answer(Stream stream) throws IOException {
    ByteBuffer echo = ByteBuffer.allocate(SIZE);
    while (fill(stream, echo.clear())) {
      stream.write(echo.flip());
    }
  }

  /** One round trip on a stream of its own. */
  static Duration measure(
      Libp2pHost host, PeerConnection connection, Duration timeout, RandomGenerator random)
      throws IOException {
    byte[] sent = new byte[SIZE];
    random.nextBytes(sent);
    try (Stream stream = host.open(connection, List.of(PROTOCOL))) {
      stream.timeout(timeout);
      long start = Ticker.SYSTEM.nanos();
      stream.write(ByteBuffer.wrap(sent));
      ByteBuffer echo = ByteBuffer.allocate(SIZE);
      boolean whole = fill(stream, echo);
      Duration took = Duration.ofNanos(Ticker.SYSTEM.nanos() - start);
      if (!whole || !echo.flip().equals(ByteBuffer.wrap(sent))) {
        throw new HandshakeException(
            "peer " + connection.peer() + " answered a ping with something else");
      }
      return took;
    }
  }

  private static boolean fill(Stream stream, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (stream.read(buffer) < 0) {
        return false;
      }
    }
    return true;
  }
}
