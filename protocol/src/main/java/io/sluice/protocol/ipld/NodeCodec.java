package io.sluice.protocol.ipld;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * How a value stands in the IPLD data model: on the wire, in a record, in a file.
 *
 * <p>Equal values give equal nodes, and {@code decode(encode(v))} gives {@code v}. A codec of a
 * newer version also reads what older versions wrote.
 *
 * @param <T> an immutable value
 */
public interface NodeCodec<T> {
  /** A whole number of 64 bits with a sign. */
  NodeCodec<Long> LONG = of(Node::of, Node::asLong);

  /** True or false. */
  NodeCodec<Boolean> BOOL = of(Node::of, Node::asBoolean);

  /** Text, as it stands. */
  NodeCodec<String> TEXT = of(Node::of, Node::asText);

  /** A moment, in whole milliseconds since 1970; finer parts are cut off. */
  NodeCodec<Instant> MILLIS = LONG.as(Instant::ofEpochMilli, Instant::toEpochMilli);

  /** A link. */
  NodeCodec<Cid> LINK = of(Node::of, Node::asLink);

  /** Any node at all. */
  NodeCodec<Node> ANY = of(node -> node, node -> node);

  /** The value as a node. */
  Node encode(T value);

  /**
   * The value of a node.
   *
   * @throws io.sluice.protocol.ProtocolException if the node does not hold such a value
   */
  T decode(Node node);

  /** A codec of these two directions. */
  static <T> NodeCodec<T> of(Function<T, Node> encode, Function<Node, T> decode) {
    return new NodeCodec<>() {
      @Override
      public Node encode(T value) {
        return encode.apply(value);
      }

      @Override
      public T decode(Node node) {
        return read(() -> decode.apply(node));
      }
    };
  }

  /**
   * What a constructor refuses, a node does not hold: values from outside fail in one way, whoever
   * checks them.
   */
  static <T> T read(Supplier<T> decoding) {
    try {
      return decoding.get();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new ProtocolException(
          ProtocolException.DECODE_SCHEMA, String.valueOf(e.getMessage()), e);
    }
  }

  /** Bytes that hold a value of a type of their own, such as a peer id or an amount. */
  static <T> NodeCodec<T> bytes(Function<T, byte[]> bytes, Function<byte[], T> of) {
    return of(value -> Node.of(bytes.apply(value)), node -> of.apply(node.asByteArray()));
  }

  /** The codec of what this one's values can be made from, and made into. */
  default <U> NodeCodec<U> as(Function<T, U> to, Function<U, T> from) {
    return of(value -> encode(from.apply(value)), node -> to.apply(decode(node)));
  }

  /** A list of such values, in order. */
  default NodeCodec<List<T>> list() {
    return of(
        values -> Node.list(values.stream().map(this::encode).toList()),
        node -> node.asList().stream().map(this::decode).toList());
  }
}
