package io.sluice.protocol.ipld;

import io.sluice.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * JSON with links ({@code {"/": "CID"}}) and bytes ({@code {"/": {"bytes": "base64"}}}): for
 * people, selector files and fixtures. Writing sorts keys by their bytes (not as dag-cbor: length
 * does not count) and adds no white space; reading allows white space and any order.
 *
 * <p>Spec: ipld/dag-json.
 */
public final class DagJson {
  private DagJson() {}

  /**
   * Reads a value that fills what remains of {@code in}, which is consumed.
   *
   * @throws ProtocolException if it is not one, or over the limits
   */
  public static Node decode(ByteBuffer in, Limits limits) {
    byte[] text = new byte[in.remaining()];
    in.get(text);
    return new JsonReader(text, limits).whole();
  }

  /** Reads a value from text; see {@link #decode(ByteBuffer, Limits)}. */
  public static Node decode(String text) {
    return decode(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), Limits.MESSAGE);
  }

  /**
   * Writes a value.
   *
   * @throws ProtocolException if dag-json cannot hold it: text that is not UTF-8, maps that look
   *     like links, or numbers that are none
   */
  public static byte[] encode(Node node) {
    StringBuilder text = new StringBuilder();
    new JsonWriter(text).node(node);
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
