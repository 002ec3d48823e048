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
  private static final int READ_BYTES = 64 << 10;
  private static final int MAX_HEADERS = 256;

  private DsyncMessages() {}

  /** A message as it travels. */
  public static byte[] encode(DsyncMessage message) {
    StringBuilder json = new StringBuilder("{\"Type\":").append(text(message.type()));
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
    boolean empty = !message.body().hasRemaining();
    json.append("},\"Body\":").append(empty ? "null" : "\"");
    byte[] head = json.toString().getBytes(StandardCharsets.UTF_8);
    // Blocks are large: only once in memory beside what is sent.
    ByteBuffer body = empty ? DsyncMessage.NO_BODY : Base64.getEncoder().encode(message.body());
    byte[] tail = (empty ? "}\n" : "\"}\n").getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(FORMAT.length + head.length + body.remaining() + tail.length)
        .put(FORMAT)
        .put(head)
        .put(body)
        .put(tail)
        .array();
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
    byte[] some = new byte[READ_BYTES];
    ObjectEnd object = new ObjectEnd();
    for (int count = read(stream, some); count >= 0; count = read(stream, some)) {
      int at = 0;
      while (at < count && taken.size() < FORMAT.length) {
        byte next = some[at++];
        if (taken.size() == 0 && next == '\n') {
          continue; // the line end of the message before
        }
        if (next != FORMAT[taken.size()]) {
          throw BadManifest.because("byte %d of a message is not of /json".formatted(taken.size()));
        }
        taken.write(next);
      }
      int end = object.in(some, at, count);
      taken.write(some, at, (end < 0 ? count : end) - at);
      if (taken.size() > longest) {
        throw new ProtocolException(
            MESSAGE_TOO_LARGE, "a message of more than " + longest + " bytes");
      }
      if (end >= 0) {
        return Optional.of(decode(taken.toByteArray(), FORMAT.length, maxBody));
      }
    }
    if (taken.size() == 0) {
      return Optional.empty();
    }
    throw new ProtocolException(
        DECODE_TRUNCATED, "a message that ends after " + taken.size() + " bytes");
  }

  private static int read(Stream stream, byte[] into) throws IOException {
    return stream.read(ByteBuffer.wrap(into));
  }

  /** Finds the end of a JSON object in bytes that come some at a time. */
  private static final class ObjectEnd {
    private int depth;
    private boolean inText;
    private boolean escaped;

    /** Where it ends among these, or -1. */
    int in(byte[] bytes, int from, int to) {
      int at = from;
      while (at < to) {
        if (inText) {
          at = skipText(bytes, at, to);
          continue;
        }
        switch (bytes[at++]) {
          case '"' -> inText = true;
          case '{' -> depth++;
          case '}' -> {
            depth--;
            if (depth <= 0) {
              return at;
            }
          }
          default -> {}
        }
      }
      return -1;
    }

    private int skipText(byte[] bytes, int from, int to) {
      int at = from;
      while (inText && at < to) {
        byte next = bytes[at++];
        if (escaped) {
          escaped = false;
        } else if (next == '\\') {
          escaped = true;
        } else if (next == '"') {
          inText = false;
        }
      }
      return at;
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
