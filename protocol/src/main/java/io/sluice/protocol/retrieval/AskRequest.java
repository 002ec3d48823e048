package io.sluice.protocol.retrieval;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.util.Optional;

/**
 * Asks a provider for its exact terms.
 *
 * @param root root of the wanted content
 * @param selector what of it; absent means everything
 */
public record AskRequest(Cid root, Optional<Node> selector) {
  /** The wire form. */
  public Node toNode() {
    Node.MapBuilder map = Node.map().put("CID", Node.of(root));
    selector.ifPresent(node -> map.put("Selector", node));
    return map.build();
  }

  /** Reads the wire form; unknown keys are ignored. */
  public static AskRequest of(Node node) {
    return new AskRequest(
        node.get("CID").asLink(), Fields.optional(node, "Selector", selector -> selector));
  }
}
