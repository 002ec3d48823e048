package io.sluice.protocol.graphsync.wire;

import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.Node;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Messages of protocol 2.0.0: dag-cbor. Spec: GraphSync 2.0.0, message schema.
 *
 * <p>Writes canonically. Reads entries in any order, but as strictly as Go otherwise: an unknown
 * key, a missing one or a value outside its table refuses the whole message.
 */
final class CborMessages {
  private static final String ROOT = "gs2";
  private static final Set<String> BODY_KEYS = Set.of("blk", "req", "rsp");
  private static final Set<String> REQUEST_KEYS = Set.of("id", "ext", "pri", "sel", "root", "type");
  private static final Set<String> RESPONSE_KEYS = Set.of("ext", "meta", "stat", "reqid");

  private CborMessages() {}

  /** The encoding in pieces, in which blocks stand uncopied. */
  static List<ByteBuffer> encode(GraphsyncMessage message) {
    Node.MapBuilder body = Node.map();
    put(
        body,
        "blk",
        message.blocks(),
        block -> Node.list(Node.of(block.prefix()), Node.of(block.data())));
    put(body, "req", message.requests(), CborMessages::node);
    put(body, "rsp", message.responses(), CborMessages::node);
    return DagCbor.encodeParts(Node.map().put(ROOT, body.build()).build());
  }

  private static Node node(GsRequest request) {
    Node.MapBuilder fields =
        Node.map().put("id", request.id().bytes()).put("type", request.kind().wire());
    if (request.priority() != 0) {
      fields.put("pri", request.priority());
    }
    request.selector().ifPresent(selector -> fields.put("sel", selector));
    request.root().ifPresent(root -> fields.put("root", root));
    putExtensions(fields, request.extensions());
    return fields.build();
  }

  private static Node node(GsResponse response) {
    Node.MapBuilder fields =
        Node.map().put("reqid", response.id().bytes()).put("stat", response.status().code());
    put(
        fields,
        "meta",
        response.metadata(),
        entry -> Node.list(Node.of(entry.link()), Node.of(entry.action().wire())));
    putExtensions(fields, response.extensions());
    return fields.build();
  }

  private static void putExtensions(Node.MapBuilder fields, Map<String, Node> extensions) {
    if (!extensions.isEmpty()) {
      Node.MapBuilder entries = Node.map();
      extensions.forEach(entries::put);
      fields.put("ext", entries.build());
    }
  }

  private static <T> void put(
      Node.MapBuilder fields, String name, List<T> items, Function<T, Node> writer) {
    if (!items.isEmpty()) {
      fields.put(name, Node.list(items.stream().map(writer).toList()));
    }
  }

  /** Reads one message that fills the buffer; its blocks are views of the buffer. */
  static GraphsyncMessage decode(ByteBuffer frame) {
    Map<String, Node> root = fields(DagCbor.decode(frame, Limits.MESSAGE), Set.of(ROOT));
    Map<String, Node> body = fields(required(root, ROOT), BODY_KEYS);
    return new GraphsyncMessage(
        items(body, "req", CborMessages::request),
        items(body, "rsp", CborMessages::response),
        items(body, "blk", CborMessages::block));
  }

  private static GsRequest request(Node node) {
    Map<String, Node> fields = fields(node, REQUEST_KEYS);
    long priority = Optional.ofNullable(fields.get("pri")).map(Node::asLong).orElse(0L);
    return new GsRequest(
        RequestId.of(required(fields, "id").asBytes()),
        RequestKind.ofWire(required(fields, "type").asText()),
        Math.clamp(priority, Integer.MIN_VALUE, Integer.MAX_VALUE),
        Optional.ofNullable(fields.get("root")).map(Node::asLink),
        Optional.ofNullable(fields.get("sel")),
        extensions(fields));
  }

  private static GsResponse response(Node node) {
    Map<String, Node> fields = fields(node, RESPONSE_KEYS);
    return new GsResponse(
        RequestId.of(required(fields, "reqid").asBytes()),
        ResponseStatus.ofCode(required(fields, "stat").asLong()),
        items(fields, "meta", CborMessages::metadata),
        extensions(fields));
  }

  private static LinkMeta metadata(Node node) {
    List<Node> pair = pair(node);
    return new LinkMeta(pair.get(0).asLink(), LinkAction.ofWire(pair.get(1).asText()));
  }

  private static GsBlock block(Node node) {
    List<Node> pair = pair(node);
    return new GsBlock(pair.get(0).asBytes(), pair.get(1).asBytes());
  }

  private static List<Node> pair(Node node) {
    List<Node> items = node.asList();
    if (items.size() != 2) {
      throw Malformed.message("list of " + items.size() + " where a pair stands");
    }
    return items;
  }

  private static Map<String, Node> extensions(Map<String, Node> fields) {
    Node node = fields.get("ext");
    return node == null ? Map.of() : entries(node);
  }

  private static <T> List<T> items(
      Map<String, Node> fields, String name, Function<Node, T> reader) {
    Node node = fields.get(name);
    if (node == null) {
      return List.of();
    }
    List<Node> nodes = node.asList();
    List<T> items = new ArrayList<>(nodes.size());
    nodes.forEach(item -> items.add(reader.apply(item)));
    return items;
  }

  private static Map<String, Node> fields(Node node, Set<String> known) {
    Map<String, Node> fields = entries(node);
    for (String name : fields.keySet()) {
      if (!known.contains(name)) {
        throw Malformed.message("unknown key " + name);
      }
    }
    return fields;
  }

  private static Node required(Map<String, Node> fields, String name) {
    Node node = fields.get(name);
    if (node == null) {
      throw Malformed.message("no key " + name);
    }
    return node;
  }

  /** A map with its entries in the order of the wire. */
  static Map<String, Node> entries(Node node) {
    Map<String, Node> entries = new LinkedHashMap<>();
    node.asMap().entries().forEach(entry -> entries.put(entry.getKey().string(), entry.getValue()));
    return entries;
  }
}
