package io.sluice.protocol.graphsync.wire;

import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Messages of protocol 1.0.0: protobuf. Spec: GraphSync 1.0.0, message definition.
 *
 * <p>Requests are numbered, see {@link RequestNumbers}. The metadata of a response travels as an
 * extension, and every extension is dag-cbor. "Not sent again" cannot be expressed, only whether
 * the responder has a block.
 */
final class ProtobufMessages {
  // Field numbers.
  private static final int REQUESTS = 2;
  private static final int RESPONSES = 3;
  private static final int DATA = 4;

  private ProtobufMessages() {}

  /** The encoding in pieces, in which blocks stand uncopied. */
  static List<ByteBuffer> encode(GraphsyncMessage message, RequestNumbers numbers) {
    ProtobufWriter out = new ProtobufWriter();
    message.requests().forEach(request -> out.message(REQUESTS, request(request, numbers)));
    message.responses().forEach(response -> out.message(RESPONSES, response(response)));
    for (GsBlock block : message.blocks()) {
      out.message(DATA, new ProtobufWriter().bytes(1, block.prefix()).bytes(2, block.data()));
    }
    return out.parts();
  }

  private static ProtobufWriter request(GsRequest request, RequestNumbers numbers) {
    ProtobufWriter out = new ProtobufWriter();
    out.numberUnlessZero(1, numbers.numberOf(request.id()));
    request.root().ifPresent(root -> out.bytes(2, root.bytes()));
    request.selector().ifPresent(selector -> out.bytes(3, DagCbor.encode(selector)));
    extensions(out, 4, request.extensions());
    out.numberUnlessZero(5, request.priority());
    out.numberUnlessZero(6, request.kind() == RequestKind.CANCEL ? 1 : 0);
    out.numberUnlessZero(7, request.kind() == RequestKind.UPDATE ? 1 : 0);
    return out;
  }

  private static ProtobufWriter response(GsResponse response) {
    if (!response.id().isNumber()) {
      throw new IllegalArgumentException(
          "request " + response.id() + " did not come over protocol 1.0.0");
    }
    ProtobufWriter out = new ProtobufWriter();
    out.numberUnlessZero(1, response.id().number());
    out.numberUnlessZero(2, response.status().code());
    extensions(out, 3, response.extensions());
    // Go attaches it to every response, also where there is no metadata.
    out.message(3, entry(Extensions.RESPONSE_METADATA, metadata(response.metadata())));
    return out;
  }

  private static ByteBuffer metadata(List<LinkMeta> metadata) {
    List<Node> entries =
        metadata.stream()
            .<Node>map(
                entry ->
                    Node.map()
                        .put("link", entry.link())
                        .put("blockPresent", entry.action().followed())
                        .build())
            .toList();
    return ByteBuffer.wrap(DagCbor.encode(Node.list(entries)));
  }

  private static void extensions(ProtobufWriter out, int field, Map<String, Node> extensions) {
    new TreeMap<>(extensions)
        .forEach(
            (name, value) ->
                out.message(field, entry(name, ByteBuffer.wrap(DagCbor.encode(value)))));
  }

  private static ProtobufWriter entry(String name, ByteBuffer value) {
    return new ProtobufWriter().text(1, name).bytes(2, value);
  }

  /** Reads one message that fills the buffer; its blocks are views of the buffer. */
  static GraphsyncMessage decode(ByteBuffer frame, RequestNumbers numbers) {
    List<GsRequest> requests = new ArrayList<>();
    List<GsResponse> responses = new ArrayList<>();
    List<GsBlock> blocks = new ArrayList<>();
    ProtobufReader in = new ProtobufReader(frame.slice(), ProtobufReader.Dialect.GRAPHSYNC);
    while (in.next()) {
      switch (in.field()) {
        case REQUESTS -> requests.add(request(in.message()));
        case RESPONSES -> responses.add(response(in.message(), numbers));
        case DATA -> blocks.add(block(in.message()));
        default -> in.skip();
      }
    }
    return new GraphsyncMessage(requests, responses, blocks);
  }

  private static GsRequest request(ProtobufReader in) {
    int id = 0;
    Optional<Cid> root = Optional.empty();
    Optional<Node> selector = Optional.empty();
    Map<String, Node> extensions = new LinkedHashMap<>();
    int priority = 0;
    boolean cancel = false;
    boolean update = false;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> id = (int) in.number();
        case 2 -> root = in.bytesIfAny().map(bytes -> Cid.of(copy(bytes)));
        case 3 -> selector = in.bytesIfAny().map(bytes -> DagCbor.decode(bytes, Limits.MESSAGE));
        case 4 -> extension(in.message(), extensions);
        case 5 -> priority = (int) in.number();
        case 6 -> cancel = in.number() != 0;
        case 7 -> update = in.number() != 0;
        default -> in.skip();
      }
    }
    RequestKind kind = cancel ? RequestKind.CANCEL : update ? RequestKind.UPDATE : RequestKind.NEW;
    return new GsRequest(RequestId.ofNumber(id), kind, priority, root, selector, extensions);
  }

  private static GsResponse response(ProtobufReader in, RequestNumbers numbers) {
    int id = 0;
    long status = 0;
    Map<String, Node> extensions = new LinkedHashMap<>();
    while (in.next()) {
      switch (in.field()) {
        case 1 -> id = (int) in.number();
        case 2 -> status = in.number();
        case 3 -> extension(in.message(), extensions);
        default -> in.skip();
      }
    }
    Node metadata = extensions.remove(Extensions.RESPONSE_METADATA);
    return new GsResponse(
        numbers.idOf(id),
        ResponseStatus.ofCode(status),
        metadata == null
            ? List.of()
            : metadata.asList().stream().map(ProtobufMessages::metadata).toList(),
        extensions);
  }

  private static LinkMeta metadata(Node node) {
    boolean present = node.get("blockPresent").asBoolean();
    return new LinkMeta(
        node.get("link").asLink(), present ? LinkAction.PRESENT : LinkAction.MISSING);
  }

  private static void extension(ProtobufReader in, Map<String, Node> extensions) {
    String name = "";
    ByteBuffer value = ByteBuffer.allocate(0);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> name = in.text();
        case 2 -> value = in.bytes();
        default -> in.skip();
      }
    }
    extensions.put(
        name, value.hasRemaining() ? DagCbor.decode(value, Limits.MESSAGE) : Node.ofNull());
  }

  private static GsBlock block(ProtobufReader in) {
    ByteBuffer prefix = ByteBuffer.allocate(0);
    ByteBuffer data = ByteBuffer.allocate(0);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> prefix = in.bytes();
        case 2 -> data = in.bytes();
        default -> in.skip();
      }
    }
    return new GsBlock(prefix, data);
  }

  private static byte[] copy(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return copy;
  }
}
