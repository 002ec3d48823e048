package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Varint;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Single messages on a stream, each behind its length as a varint. */
public final class LengthPrefixed {
  private static final int MAX_LENGTH_BYTES = 4;

  private LengthPrefixed() {}

  /** Writes one. Blocks. */
  public static void write(Stream stream, byte[] message) throws IOException {
    stream.write(ByteBuffer.wrap(Varint.encode(message.length)), ByteBuffer.wrap(message));
  }

  /**
   * Reads one, and nothing behind it. Blocks.
   *
   * @param most longest that is read, in bytes: a longer one is refused before it is read
   * @throws ProtocolException {@code MESSAGE_TOO_LARGE}
   * @throws EOFException if the stream ends before the message does
   */
  public static ByteBuffer read(Stream stream, int most) throws IOException {
    Varint.Partial length = new Varint.Partial();
    ByteBuffer one = ByteBuffer.allocate(1);
    boolean whole =
        length.takeAll(
            () -> {
              if (stream.read(one.clear()) < 0) {
                throw new EOFException("the stream ended before a message");
              }
              return one.get(0);
            },
            MAX_LENGTH_BYTES);
    if (!whole || length.value() > most) {
      throw new ProtocolException(
          ProtocolException.MESSAGE_TOO_LARGE, "a message longer than " + most + " bytes");
    }
    ByteBuffer message = ByteBuffer.allocate((int) length.value());
    while (message.hasRemaining()) {
      if (stream.read(message) < 0) {
        throw new EOFException("the stream ended inside a message");
      }
    }
    return message.flip();
  }
}
