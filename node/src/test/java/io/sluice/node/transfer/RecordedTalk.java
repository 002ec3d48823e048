package io.sluice.node.transfer;

import io.sluice.protocol.datatransfer.TransferCodec;
import io.sluice.protocol.datatransfer.TransferMessage;
import io.sluice.protocol.datatransfer.TransferRequest;
import io.sluice.protocol.graphsync.Trace;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.GsBlock;
import io.sluice.protocol.graphsync.wire.RequestNumbers;
import io.sluice.protocol.graphsync.wire.WireVersion;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.DagJson;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Varint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One recorded conversation of two Go peers, in the order in which they wrote.
 *
 * @param said what was written, and what happened to the connection
 * @param initiatorStatuses what the initiator's channel went through, each status once
 * @param responderStatuses the same of the responder's; empty if it had none
 */
record RecordedTalk(
    List<Said> said, List<String> initiatorStatuses, List<String> responderStatuses) {

  /** Something that happens in it. */
  sealed interface Said {
    /** A message of GraphSync. */
    record InGraphsync(boolean byInitiator, GraphsyncMessage message) implements Said {}

    /** A message on a stream of its own. */
    record ByStream(boolean byInitiator, TransferMessage message) implements Said {}

    /** The connection is cut. */
    record Cut() implements Said {}

    /** There is a connection again. */
    record Reconnected() implements Said {}
  }

  static RecordedTalk read(String name) throws IOException {
    List<Said> said = new ArrayList<>();
    Map<String, ByteArrayOutputStream> rest = new HashMap<>();
    Map<String, List<String>> statuses =
        Map.of("initiator", new ArrayList<>(), "responder", new ArrayList<>());
    for (Node line : lines(name)) {
      switch (line.get("kind").asText()) {
        case "cut" -> said.add(new Said.Cut());
        case "reconnected" -> said.add(new Said.Reconnected());
        case "event" -> {
          List<String> until = statuses.get(line.get("side").asText());
          String status = ours(line.get("status").asText());
          if (until.isEmpty() || !until.getLast().equals(status)) {
            until.add(status);
          }
        }
        case "wire" -> wire(line, rest, said);
        default -> {}
      }
    }
    return new RecordedTalk(said, statuses.get("initiator"), statuses.get("responder"));
  }

  private static List<Node> lines(String name) throws IOException {
    try (InputStream in =
        Trace.class.getResourceAsStream("/io/sluice/protocol/traces/" + name + ".jsonl")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(DagJson::decode)
          .toList();
    }
  }

  private static String ours(String published) {
    return published.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT);
  }

  /** Frames as they become whole; a stream's one message when its writer closes it. */
  private static void wire(Node line, Map<String, ByteArrayOutputStream> rest, List<Said> said) {
    String from = line.get("from").asText();
    boolean byInitiator = from.equals("initiator");
    String key = from + line.get("stream").asLong();
    String op = line.get("op").asText();
    boolean graphsync = line.get("protocol").asText().contains("graphsync");
    if (op.equals("write")) {
      ByteArrayOutputStream bytes =
          rest.computeIfAbsent(key, unused -> new ByteArrayOutputStream());
      bytes.writeBytes(HexFormat.of().parseHex(line.get("hex").asText()));
      if (graphsync) {
        for (ByteBuffer frame : frames(bytes)) {
          said.add(
              new Said.InGraphsync(
                  byInitiator, WireVersion.V2.decode(frame, new RequestNumbers())));
        }
      }
    } else if (op.equals("close") && !graphsync && rest.containsKey(key)) {
      said.add(
          new Said.ByStream(
              byInitiator, TransferCodec.decode(ByteBuffer.wrap(rest.remove(key).toByteArray()))));
    }
  }

  private static List<ByteBuffer> frames(ByteArrayOutputStream bytes) {
    List<ByteBuffer> frames = new ArrayList<>();
    ByteBuffer all = ByteBuffer.wrap(bytes.toByteArray());
    int whole = 0;
    while (all.hasRemaining()) {
      int length = (int) Varint.read(all);
      if (length > all.remaining()) {
        break;
      }
      frames.add(all.slice(all.position(), length));
      all.position(all.position() + length);
      whole = all.position();
    }
    bytes.reset();
    bytes.write(all.array(), whole, all.array().length - whole);
    return frames;
  }

  /** What the channel was opened with. */
  TransferRequest opening() {
    return switch (said.getFirst()) {
      case Said.ByStream first -> (TransferRequest) first.message();
      case Said.InGraphsync first ->
          (TransferRequest)
              TransferCodec.fromNode(
                  first.message().requests().getFirst().extensions().get("fil/data-transfer/1.1"));
      case Said.Cut cut -> throw new AssertionError("begins with a cut");
      case Said.Reconnected reconnected -> throw new AssertionError("begins with a connection");
    };
  }

  /** All blocks that were sent in it. */
  MemoryBlockStore blocks() {
    MemoryBlockStore store = new MemoryBlockStore();
    for (Said each : said) {
      if (each instanceof Said.InGraphsync in) {
        for (GsBlock block : in.message().blocks()) {
          store.put(new Block(block.cid(), block.data()));
        }
      }
    }
    return store;
  }
}
