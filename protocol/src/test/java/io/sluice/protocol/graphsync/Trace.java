package io.sluice.protocol.graphsync;

import io.sluice.protocol.TestJson;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.RequestNumbers;
import io.sluice.protocol.graphsync.wire.WireVersion;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A recorded conversation: what each side wrote, stream by stream. */
public final class Trace {

  /** All recordings. */
  public static final List<String> NAMES =
      List.of(
          "pull-cancel-initiator",
          "pull-cancel-responder",
          "pull-free",
          "pull-missing-leaf",
          "pull-missing-root",
          "pull-paid",
          "pull-pause-initiator",
          "pull-pause-responder",
          "pull-pay-refused",
          "pull-rejected",
          "pull-restart-initiator",
          "pull-restart-responder",
          "push-free",
          "push-limit-cancel",
          "push-limit-voucher",
          "push-restart-initiator",
          "graphsync-1.0.0-missing",
          "graphsync-1.0.0",
          "graphsync-2.0.0-missing",
          "graphsync-2.0.0",
          "lassie-all",
          "lassie-badpath",
          "lassie-block",
          "lassie-bytes",
          "lassie-dir-entity",
          "lassie-missing",
          "lassie-path-all",
          "lassie-path-entity",
          "lassie23-all");

  /**
   * What one side wrote on one stream.
   *
   * @param from initiator or responder
   * @param bytes all of it, possibly cut in a message
   */
  public record Written(String from, String protocol, ByteBuffer bytes) {
    /** The frames that are whole. */
    public List<ByteBuffer> frames() {
      List<ByteBuffer> frames = new ArrayList<>();
      ByteBuffer rest = bytes.duplicate();
      while (rest.hasRemaining()) {
        int length = (int) io.sluice.protocol.multiformats.Varint.read(rest);
        if (length > rest.remaining()) {
          break;
        }
        frames.add(rest.slice(rest.position(), length));
        rest.position(rest.position() + length);
      }
      return frames;
    }
  }

  private Trace() {}

  /** The streams of a recording, in the order of their first bytes. */
  public static List<Written> read(String name) {
    Map<String, ByteArrayOutputStream> bytes = new LinkedHashMap<>();
    Map<String, String[]> about = new LinkedHashMap<>();
    for (Map<String, Object> line :
        TestJson.readLines(Trace.class, "/io/sluice/protocol/traces/" + name + ".jsonl")) {
      if ("wire".equals(line.get("kind")) && "write".equals(line.get("op"))) {
        String from = (String) line.get("from");
        String protocol = (String) line.get("protocol");
        String key = from + " " + protocol + " " + line.get("stream");
        about.put(key, new String[] {from, protocol});
        bytes
            .computeIfAbsent(key, ignored -> new ByteArrayOutputStream())
            .writeBytes(TestJson.hex(line.get("hex")));
      }
    }
    List<Written> streams = new ArrayList<>();
    bytes.forEach(
        (key, content) ->
            streams.add(
                new Written(
                    about.get(key)[0], about.get(key)[1], ByteBuffer.wrap(content.toByteArray()))));
    return streams;
  }

  /** The GraphSync messages of one side, in order. */
  public static List<GraphsyncMessage> messages(String name, String from) {
    List<GraphsyncMessage> messages = new ArrayList<>();
    for (Written stream : read(name)) {
      if (stream.from().equals(from) && stream.protocol().contains("graphsync")) {
        WireVersion version = WireVersion.ofProtocol(stream.protocol());
        stream.frames().forEach(frame -> messages.add(version.decode(frame, new RequestNumbers())));
      }
    }
    return messages;
  }
}
