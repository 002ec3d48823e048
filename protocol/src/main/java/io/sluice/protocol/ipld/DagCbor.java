package io.sluice.protocol.ipld;

import io.sluice.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * CBOR with links: the codec of messages and of most structured blocks.
 *
 * <p>What this writes is strict: shortest numbers and lengths, map keys sorted (shorter first, then
 * by bytes), definite lengths, 64-bit floats. What it reads from peers may be sorted otherwise,
 * have longer numbers, smaller floats and {@code undefined} for null; never duplicate or non-text
 * keys, tags other than links, indefinite lengths, or bytes behind the value.
 *
 * <p>Decoded {@link Node.Bytes} are views of the input, which therefore must not change any more.
 *
 * <p>Spec: ipld/dag-cbor.
 */
public final class DagCbor {
  private DagCbor() {}

  /** Whether two values are the same on the wire, byte for byte. */
  public static boolean same(Node one, Node other) {
    return Arrays.equals(encode(one), encode(other));
  }

  /** The one canonical encoding. */
  public static byte[] encode(Node node) {
    return CborWriter.write(node, true);
  }

  /**
   * The encoding that leaves map entries in their order, for peers that write theirs in order of
   * declaration.
   */
  public static byte[] encodeInOrder(Node node) {
    return CborWriter.write(node, false);
  }

  /**
   * The canonical encoding in pieces: long bytes are not copied, but stand as views between the
   * pieces around them.
   *
   * @return read-only buffers to be written one after the other
   */
  public static List<ByteBuffer> encodeParts(Node node) {
    return CborWriter.writeParts(node);
  }

  /**
   * Decodes a value that fills what remains of {@code in}; its position is moved to the end.
   *
   * @throws ProtocolException if it is not one, or over the limits
   */
  public static Node decode(ByteBuffer in, Limits limits) {
    return CborReader.whole(in, limits, false);
  }

  /** Decodes a message; see {@link #decode(ByteBuffer, Limits)}. */
  public static Node decode(byte[] message) {
    return decode(ByteBuffer.wrap(message), Limits.MESSAGE);
  }

  /**
   * As {@link #decode}, and refuses what {@link #encode} would have written otherwise.
   *
   * @throws ProtocolException {@code DECODE_NOT_CANONICAL} for such
   */
  public static Node decodeStrict(ByteBuffer in, Limits limits) {
    return CborReader.whole(in, limits, true);
  }

  /**
   * Decodes the value at the position of {@code in} and moves the position behind it.
   *
   * @throws ProtocolException if there is none, or it is over the limits
   */
  public static Node decodePrefix(ByteBuffer in, Limits limits) {
    return CborReader.prefix(in, limits);
  }
}
