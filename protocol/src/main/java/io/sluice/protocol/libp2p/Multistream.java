package io.sluice.protocol.libp2p;

import io.netty.buffer.ByteBuf;
import io.sluice.protocol.ProtocolException;
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
    byte[][] texts = new byte[lines.length][];
    int length = 0;
    for (int i = 0; i < lines.length; i++) {
      texts[i] = lines[i].getBytes(StandardCharsets.UTF_8);
      length += texts[i].length + (texts[i].length + 1 < 0x80 ? 2 : 3);
    }
    byte[] out = new byte[length];
    int at = 0;
    for (byte[] text : texts) {
      int size = text.length + 1;
      if (size > MAX_MESSAGE) {
        throw new IllegalArgumentException("protocol id of " + text.length + " bytes");
      }
      if (size >= 0x80) {
        out[at++] = (byte) ((size & 0x7f) | 0x80);
        size >>>= 7;
      }
      out[at++] = (byte) size;
      System.arraycopy(text, 0, out, at, text.length);
      at += text.length;
      out[at++] = '\n';
    }
    return out;
  }

  /** Checks the length before a message. */
  static void checkLength(int length) {
    if (length == 0 || length > MAX_MESSAGE) {
      throw new ProtocolException(
          "MESSAGE_TOO_LARGE", "multistream message of " + length + " bytes");
    }
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
    if (!in.isReadable()) {
      return null;
    }
    int length = in.readByte();
    if (length < 0) {
      if (!in.isReadable()) {
        in.readerIndex(start);
        return null;
      }
      int high = in.readByte();
      if (high <= 0) { // a third byte, or a second for nothing
        throw new ProtocolException(
            "MESSAGE_TOO_LARGE", "multistream length of more than two bytes");
      }
      length = (length & 0x7f) | (high << 7);
    }
    checkLength(length);
    if (in.readableBytes() < length) {
      in.readerIndex(start);
      return null;
    }
    byte[] message = new byte[length];
    in.readBytes(message);
    return text(message);
  }
}
