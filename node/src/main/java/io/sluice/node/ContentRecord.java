package io.sluice.node;

import io.sluice.protocol.ipld.Node;

/**
 * What a home knows of one root.
 *
 * @param size bytes of its distinct blocks
 * @param blocks how many these are
 * @param complete whether all of it was there
 * @param imported whether it is offered, by the price list; content that was bought is not
 * @param name where it came from, for people
 */
record ContentRecord(long size, long blocks, boolean complete, boolean imported, String name) {

  Node toNode() {
    return Node.map()
        .put("Size", size)
        .put("Blocks", blocks)
        .put("Complete", complete)
        .put("Imported", imported)
        .put("Name", name)
        .build();
  }

  static ContentRecord of(Node node) {
    return new ContentRecord(
        node.get("Size").asLong(),
        node.get("Blocks").asLong(),
        node.get("Complete").asBoolean(),
        node.get("Imported").asBoolean(),
        node.get("Name").asText());
  }
}
