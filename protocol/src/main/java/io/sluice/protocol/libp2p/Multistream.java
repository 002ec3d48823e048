package io.sluice.protocol.libp2p;

import io.netty.buffer.ByteBuf;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Varint;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The messages of multistream-select: a length, a line of text, a line feed.
 *
 * <p>Spec: multistream-select 1.0.0.
 */
final class Multistream {
  static final String HEADER = "/multistream/1.0.0";
  static final String NOT_AVAILABLE = "na";

  /** Text and line feed; the longest id in use has a third of that. */
  static final int MAX_MESSAGE = 1024;

  /** How many ids a peer may try. */
  static final int MAX_PROPOSALS = 32;

  private Multistream() {}

  /** The bytes of these messages, one after the other. */
  static byte[] encode(String... lines) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String line : lines) {
      byte[] text = line.getBytes(StandardCharsets.UTF_8);
      if (text.length >= MAX_MESSAGE) {
        throw new IllegalArgumentException("protocol id of " + text.length + " bytes");
      }
      out.writeBytes(Varint.encode(text.length + 1L));
      out.writeBytes(text);
      out.write('\n');
    }
    return out.toByteArray();
  }

  /**
   * Takes a byte of the length before a message: one or two, in the shortest form. Returns whether
   * it was the last one, and the length is allowed.
   */
  static boolean takeLength(Varint.Partial length, byte next) {
    boolean whole = length.take(next);
    if (length.size() == 2 && (!whole || !length.isMinimal())) {
      throw new ProtocolException("MESSAGE_TOO_LARGE", "multistream length of more than two bytes");
    }
    if (whole && (length.value() == 0 || length.value() > MAX_MESSAGE)) {
      throw new ProtocolException(
          "MESSAGE_TOO_LARGE", "multistream message of " + length.value() + " bytes");
    }
    return whole;
  }

  /** The text of a message, from its bytes with the line feed. */
  static String text(byte[] message) {
    int last = message.length - 1;
    if (message[last] != '\n') {
      throw new ProtocolException(
          "DECODE_MALFORMED", "multistream message does not end with a line feed");
    }
    return new String(message, 0, last, StandardCharsets.UTF_8);
  }

  /** The next message, and not one byte more; null and nothing read if it has not come in full. */
  static @Nullable String tryRead(ByteBuf in) {
    int start = in.readerIndex();
    Varint.Partial length = new Varint.Partial();
    boolean whole = false;
    while (!whole && in.isReadable()) {
      whole = takeLength(length, in.readByte());
    }
    if (!whole || in.readableBytes() < length.value()) {
      in.readerIndex(start);
      return null;
    }
    byte[] message = new byte[(int) length.value()];
    in.readBytes(message);
    return text(message);
  }
}
