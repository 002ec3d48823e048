package io.sluice.protocol.retrieval;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.util.Optional;

/**
 * Filecoin's question whether and at what price a provider serves a payload.
 *
 * @param payload root of the wanted content
 * @param piece the piece it must come from; providers of ours ignore it
 */
public record Query(Cid payload, Optional<Cid> piece) {
  /** The wire form, in the field order of the Go encoders. */
  public Node toNode() {
    return Node.map()
        .put("PayloadCID", Node.of(payload))
        .put(
            "QueryParams",
            Node.map().put("PieceCID", piece.map(Node::of).orElse(Node.ofNull())).build())
        .build();
  }

  /** Reads the wire form; unknown keys are ignored. */
  public static Query of(Node node) {
    return new Query(
        node.get("PayloadCID").asLink(),
        Fields.optional(node, "QueryParams", params -> params)
            .flatMap(params -> Fields.optional(params, "PieceCID", Node::asLink)));
  }
}
