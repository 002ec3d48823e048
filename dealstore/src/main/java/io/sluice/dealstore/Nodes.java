package io.sluice.dealstore;

import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.Node;
import java.nio.ByteBuffer;

/** Values of the data model as the tables keep them. */
final class Nodes {
  private static final Limits LIMITS = new Limits(128, 256L << 20);

  private Nodes() {}

  static byte[] write(Node node) {
    return DagCbor.encodeInOrder(node);
  }

  static Node read(byte[] bytes) {
    return DagCbor.decode(ByteBuffer.wrap(bytes), LIMITS);
  }
}
