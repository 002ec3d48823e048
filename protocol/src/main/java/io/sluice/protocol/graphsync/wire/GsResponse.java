package io.sluice.protocol.graphsync.wire;

import io.sluice.protocol.ipld.Node;
import java.util.List;
import java.util.Map;

/**
 * What one message says about one request. Spec: GraphSync 2.0.0, Response.
 *
 * @param metadata the visits of the walk since the message before, in the order of the walk
 * @param extensions by name, in the order of the wire
 */
public record GsResponse(
    RequestId id, ResponseStatus status, List<LinkMeta> metadata, Map<String, Node> extensions) {

  /** Copies both collections, keeping their order. */
  public GsResponse {
    metadata = List.copyOf(metadata);
    extensions = Extensions.copyOf(extensions);
  }
}
