package io.sluice.protocol.ipld;

import static io.sluice.protocol.ProtocolException.DECODE_SCHEMA;

import io.sluice.protocol.ProtocolException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A dag-pb block: links and data. In the data model it is a map of {@code Links}, then {@code Data}
 * if there is any: in this order it is walked.
 *
 * @param data the data, a read-only view; absent and empty differ
 * @param links the links, in the order of the block
 */
public record PbNode(Optional<ByteBuffer> data, List<PbLink> links) {
  private static final Node.Text LINKS = Node.Text.of("Links");
  private static final Node.Text DATA = Node.Text.of("Data");
  private static final Node.Text HASH = Node.Text.of("Hash");
  private static final Node.Text NAME = Node.Text.of("Name");
  private static final Node.Text TSIZE = Node.Text.of("Tsize");

  /** Takes a view of the data, whose content must not change any more, and copies the list. */
  public PbNode {
    data = data.map(buffer -> buffer.slice().asReadOnlyBuffer());
    links = List.copyOf(links);
  }

  /** A view of the data, if there are any. */
  @Override
  public Optional<ByteBuffer> data() {
    return data.map(ByteBuffer::duplicate);
  }

  /** This node in the data model. */
  public Node.Map toNode() {
    List<Node> items = new ArrayList<>(links.size());
    for (PbLink link : links) {
      items.add(toNode(link));
    }
    Node list = Node.list(items);
    return data.isPresent()
        ? Node.Map.of(List.of(LINKS, DATA), List.of(list, Node.of(data.get())))
        : Node.Map.of(List.of(LINKS), List.of(list));
  }

  private static Node toNode(PbLink link) {
    List<Node.Text> keys = new ArrayList<>(3);
    List<Node> values = new ArrayList<>(3);
    keys.add(HASH);
    values.add(Node.of(link.cid()));
    if (link.name().isPresent()) {
      keys.add(NAME);
      values.add(link.name().get());
    }
    if (link.tsize().isPresent()) {
      keys.add(TSIZE);
      values.add(unsigned(link.tsize().getAsLong()));
    }
    return Node.Map.of(keys, values);
  }

  private static Node unsigned(long value) {
    return value >= 0 ? Node.of(value) : Node.of(new BigInteger(Long.toUnsignedString(value)));
  }

  /**
   * The dag-pb node that a value of the data model is.
   *
   * @throws ProtocolException {@code DECODE_SCHEMA} if it is not one
   */
  public static PbNode of(Node node) {
    Node.Map map = node.asMap();
    allowOnly(map, "Links", "Data");
    List<PbLink> links = new ArrayList<>();
    for (Node link : map.get("Links").asList()) {
      allowOnly(link.asMap(), "Hash", "Name", "Tsize");
      links.add(
          new PbLink(
              link.find("Name").map(Node::asRawText),
              link.find("Tsize")
                  .map(size -> OptionalLong.of(size(size)))
                  .orElse(OptionalLong.empty()),
              link.get("Hash").asLink()));
    }
    return new PbNode(map.find("Data").map(Node::asBytes), links);
  }

  private static long size(Node node) {
    BigInteger value = node.asBigInteger();
    if (value.signum() < 0 || value.bitLength() > Long.SIZE) {
      throw new ProtocolException(DECODE_SCHEMA, value + " is not a size");
    }
    return value.longValue();
  }

  private static void allowOnly(Node.Map map, String... keys) {
    for (int i = 0; i < map.size(); i++) {
      if (!List.of(keys).contains(map.key(i).string())) {
        throw new ProtocolException(
            DECODE_SCHEMA, "dag-pb has no field like the " + (i + 1) + ". of a map");
      }
    }
  }
}
