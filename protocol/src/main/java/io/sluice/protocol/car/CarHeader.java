package io.sluice.protocol.car;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Varint;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The header of an archive's payload, and the pragma of a CARv2 file, which looks like one. Spec:
 * CARv1, Header.
 *
 * @param version 1, or 2 for the pragma
 * @param roots may be empty: root-less archives exist
 */
record CarHeader(int version, List<Cid> roots) {
  CarHeader {
    roots = List.copyOf(roots);
  }

  /** Length prefix and header of a CARv1 payload. */
  static ByteBuffer encode(List<Cid> roots) {
    Node links = Node.list(roots.stream().map(Node::of).toList());
    byte[] body = DagCbor.encode(Node.map().put("roots", links).put("version", 1).build());
    ByteBuffer out = ByteBuffer.allocate(Varint.size(body.length) + body.length);
    Varint.write(out, body.length);
    return out.put(body).flip();
  }

  /** Reads a header without its length prefix. */
  static CarHeader decode(ByteBuffer body, CarLimits limits) {
    try {
      return read(DagCbor.decode(body, Limits.MESSAGE), limits);
    } catch (ProtocolException e) {
      throw e.code().equals(BadCar.CODE) ? e : BadCar.at("CAR header", e);
    }
  }

  private static CarHeader read(Node header, CarLimits limits) {
    long version = header.get("version").asLong();
    if (version == 2) {
      return new CarHeader(2, List.of());
    }
    if (version != 1) {
      throw BadCar.because("CAR version " + version);
    }
    List<Node> links = header.get("roots").asList();
    if (links.size() > limits.roots()) {
      throw BadCar.because(links.size() + " roots, at most " + limits.roots() + " are read");
    }
    return new CarHeader(1, links.stream().map(Node::asLink).toList());
  }
}
