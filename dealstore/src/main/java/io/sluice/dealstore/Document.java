package io.sluice.dealstore;

import io.sluice.protocol.ipld.Node;

/**
 * A small record under a name; null in place of the value takes the name away.
 *
 * @param collection what kind of thing it is
 * @param name unique in its collection
 * @param value the record
 */
record Document(String collection, String name, Node value) {
  Node toNode() {
    return Node.map().put("Collection", collection).put("Name", name).put("Value", value).build();
  }

  static Document of(Node node) {
    return new Document(
        node.get("Collection").asText(), node.get("Name").asText(), node.get("Value"));
  }
}
