package io.sluice.dealstore;

import static io.sluice.protocol.ipld.NodeCodec.ANY;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;

/**
 * A small record under a name; null in place of the value takes the name away.
 *
 * @param collection what kind of thing it is
 * @param name unique in its collection
 * @param value the record
 */
record Document(String collection, String name, Node value) {
  static final MapCodec<Document> CODEC =
      MapCodec.of(
          f ->
              new Document(
                  f.get("Collection", TEXT, Document::collection),
                  f.get("Name", TEXT, Document::name),
                  f.get("Value", ANY, Document::value)));
}
