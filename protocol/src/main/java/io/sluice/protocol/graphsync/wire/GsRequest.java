package io.sluice.protocol.graphsync.wire;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One request of a message. Spec: GraphSync 2.0.0, Request.
 *
 * @param priority higher is served earlier among the requests of one peer; 0 is left out on the
 *     wire
 * @param root where the walk begins; only in new requests
 * @param selector what the walk takes, as inline data; only in new requests
 * @param extensions by name, in the order of the wire
 */
public record GsRequest(
    RequestId id,
    RequestKind kind,
    int priority,
    Optional<Cid> root,
    Optional<Node> selector,
    Map<String, Node> extensions) {

  /** Copies the extensions, keeping their order. */
  public GsRequest {
    extensions = Extensions.copyOf(extensions);
  }

  /** Asks for a DAG. */
  public static GsRequest asking(
      RequestId id, Cid root, Node selector, int priority, Map<String, Node> extensions) {
    return new GsRequest(
        id, RequestKind.NEW, priority, Optional.of(root), Optional.of(selector), extensions);
  }

  /** Ends a request; there is no answer. */
  public static GsRequest cancel(RequestId id) {
    return new GsRequest(id, RequestKind.CANCEL, 0, Optional.empty(), Optional.empty(), Map.of());
  }

  /** Sends extensions for a request that runs. */
  public static GsRequest update(RequestId id, Map<String, Node> extensions) {
    return new GsRequest(id, RequestKind.UPDATE, 0, Optional.empty(), Optional.empty(), extensions);
  }

  /**
   * The same with bytes of its own. What is decoded is views of the whole frame, which may be large
   * and has to go, while a request may live for days.
   */
  public GsRequest detached() {
    Map<String, Node> own = new LinkedHashMap<>();
    extensions.forEach((name, value) -> own.put(name, detached(value)));
    return new GsRequest(id, kind, priority, root, selector.map(GsRequest::detached), own);
  }

  private static Node detached(Node node) {
    return switch (node) {
      case Node.Bytes bytes -> Node.of(bytes.array());
      case Node.List list -> Node.list(list.items().stream().map(GsRequest::detached).toList());
      case Node.Map map -> {
        Node.MapBuilder own = Node.map();
        map.entries().forEach(entry -> own.put(entry.getKey(), detached(entry.getValue())));
        yield own.build();
      }
      default -> node;
    };
  }
}
