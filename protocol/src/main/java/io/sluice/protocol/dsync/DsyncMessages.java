package io.sluice.protocol.dsync;

import static io.sluice.protocol.ProtocolException.DECODE_TRUNCATED;
import static io.sluice.protocol.ProtocolException.MESSAGE_TOO_LARGE;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.DagJson;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.libp2p.Stream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Messages on streams of libp2p: before each the name of its format, behind it a line end.
 *
 * <p>Spec: dsync 0.2.0, libp2p wire.
 */
public final class DsyncMessages {
  /** The path of a format as others write it, length first. */
  private static final byte[] FORMAT = "\u0006/json\n".getBytes(StandardCharsets.US_ASCII);

  /** What is written where nobody has set a time. */
  private static final String NO_TIME = "0001-01-01T00:00:00Z";

  private static final int ENVELOPE_BYTES = 64 << 10;
  private static final int MAX_HEADERS = 256;

  private DsyncMessages() {}

  /** A message as it travels. */
  public static byte[] encode(DsyncMessage message) {
    StringBuilder json = new StringBuilder(256 + message.body().remaining() / 3 * 4);
    json.append("{\"Type\":").append(text(message.type()));
    json.append(",\"ID\":").append(text(message.id()));
    json.append(",\"Created\":\"" + NO_TIME + "\",\"Deadline\":\"" + NO_TIME + '"');
    json.append(",\"Initiator\":").append(text(message.initiator()));
    json.append(",\"Headers\":{");
    String separator = "";
    for (Map.Entry<String, String> header : message.headers().entrySet()) {
      json.append(separator).append(text(header.getKey()));
      json.append(':').append(text(header.getValue()));
      separator = ",";
    }
    json.append("},\"Body\":");
    if (message.body().hasRemaining()) {
      ByteBuffer base64 = Base64.getEncoder().encode(message.body());
      json.append('"').append(StandardCharsets.ISO_8859_1.decode(base64)).append('"');
    } else {
      json.append("null");
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(FORMAT.length + json.length() + 2);
    out.writeBytes(FORMAT);
    out.writeBytes(json.append("}\n").toString().getBytes(StandardCharsets.UTF_8));
    return out.toByteArray();
  }

  /**
   * Reads one message, and nothing behind its object: what follows the object of the last message
   * is left.
   *
   * @param maxBody longest body, in bytes
   * @return empty if the stream ends before it begins
   * @throws ProtocolException {@code DECODE_TRUNCATED}, {@code MESSAGE_TOO_LARGE}, {@code
   *     BAD_MANIFEST} for another format, those of JSON
   */
  public static Optional<DsyncMessage> read(Stream stream, int maxBody) throws IOException {
    long longest = ENVELOPE_BYTES + (maxBody + 2L) / 3 * 4;
    ByteArrayOutputStream taken = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    ObjectEnd end = new ObjectEnd();
    while (stream.read(buffer) >= 0) {
      buffer.flip();
      while (buffer.hasRemaining()) {
        byte next = buffer.get();
        int at = taken.size();
        if (at == 0 && next == '\n') {
          continue; // the line end of the message before
        }
        if (at < FORMAT.length && next != FORMAT[at]) {
          throw BadManifest.because("byte %d of a message is not of /json".formatted(at));
        }
        taken.write(next);
        if (at >= FORMAT.length && end.isAfter(next)) {
          return Optional.of(decode(taken.toByteArray(), FORMAT.length, maxBody));
        }
        if (taken.size() > longest) {
          throw new ProtocolException(
              MESSAGE_TOO_LARGE, "a message of more than " + longest + " bytes");
        }
      }
      buffer.clear();
    }
    if (taken.size() == 0) {
      return Optional.empty();
    }
    throw new ProtocolException(
        DECODE_TRUNCATED, "a message that ends after " + taken.size() + " bytes");
  }

  /** Finds the last byte of a JSON object. */
  private static final class ObjectEnd {
    private int depth;
    private boolean inText;
    private boolean escaped;

    boolean isAfter(byte next) {
      if (inText) {
        if (escaped) {
          escaped = false;
        } else if (next == '\\') {
          escaped = true;
        } else if (next == '"') {
          inText = false;
        }
        return false;
      }
      switch (next) {
        case '"' -> inText = true;
        case '{' -> depth++;
        case '}' -> depth--;
        default -> {}
      }
      return next == '}' && depth <= 0;
    }
  }

  private static DsyncMessage decode(byte[] bytes, int start, int maxBody) {
    ByteBuffer json = ByteBuffer.wrap(bytes, start, bytes.length - start);
    Node.Map message =
        DagJson.decode(json, new Limits(8, 2L * bytes.length + (256L << 10))).asMap();
    Map<String, String> headers = new TreeMap<>();
    Optional<Node> given = present(message, "Headers");
    if (given.isPresent()) {
      Node.Map map = given.get().asMap();
      if (map.size() > MAX_HEADERS) {
        throw BadManifest.because(
            "%d headers, at most %d are read".formatted(map.size(), MAX_HEADERS));
      }
      for (int i = 0; i < map.size(); i++) {
        headers.put(map.key(i).string(), map.value(i).asRawText().string());
      }
    }
    return new DsyncMessage(
        string(message, "Type"),
        string(message, "ID"),
        string(message, "Initiator"),
        headers,
        ByteBuffer.wrap(body(string(message, "Body"), maxBody)));
  }

  private static byte[] body(String base64, int maxBody) {
    byte[] body;
    try {
      body = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new ProtocolException(BadManifest.CODE, "a body that is not base64", e);
    }
    if (body.length > maxBody) {
      throw new ProtocolException(
          MESSAGE_TOO_LARGE,
          "a body of %d bytes, at most %d are read".formatted(body.length, maxBody));
    }
    return body;
  }

  private static String string(Node.Map map, String key) {
    return present(map, key).map(value -> value.asRawText().string()).orElse("");
  }

  private static Optional<Node> present(Node.Map map, String key) {
    return map.find(key).filter(value -> !(value instanceof Node.Null));
  }

  private static String text(String text) {
    return new String(DagJson.encode(Node.of(text)), StandardCharsets.UTF_8);
  }
}
