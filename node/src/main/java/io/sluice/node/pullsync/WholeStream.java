package io.sluice.node.pullsync;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.libp2p.Stream;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A stream on which each side says one thing and ends. */
final class WholeStream {
  private WholeStream() {}

  /**
   * Reads all that the other side says.
   *
   * @throws ProtocolException {@code MESSAGE_TOO_LARGE}
   */
  static ByteBuffer read(Stream stream, int longest) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(longest + 1);
    while (stream.read(all) >= 0) {
      if (!all.hasRemaining()) {
        throw new ProtocolException(
            ProtocolException.MESSAGE_TOO_LARGE, "more than %d bytes".formatted(longest));
      }
    }
    return all.flip();
  }

  static void write(Stream stream, byte[] all) throws IOException {
    stream.write(ByteBuffer.wrap(all));
    stream.closeWrite();
  }
}
