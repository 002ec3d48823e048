package io.sluice.protocol.ipld;

import io.sluice.protocol.ProtocolException;
import java.util.Optional;
import java.util.function.Function;

/**
 * A record as a map, each field named once, for both directions:
 *
 * <pre>
 * static final MapCodec&lt;Flow&gt; CODEC =
 *     MapCodec.of(f -&gt; new Flow(f.get("bytes", LONG, Flow::bytes), f.get("blocks", LONG, Flow::blocks)));
 * </pre>
 *
 * <p>The list of fields is run to write and to read. Writing hands each accessor's value through to
 * the constructor, so the copy it makes equals the original and is dropped; that costs an
 * allocation and makes it impossible to write a record that its own constructor would refuse.
 * Entries stand in the order of the list; unknown keys are ignored when reading.
 *
 * @param <T> the record
 */
public final class MapCodec<T> implements NodeCodec<T> {
  private final Function<Fields<T>, T> fields;
  private final boolean strict;

  private MapCodec(Function<Fields<T>, T> fields, boolean strict) {
    this.fields = fields;
    this.strict = strict;
  }

  /** The codec of a list of fields, given as the constructor call that takes them. */
  public static <T> MapCodec<T> of(Function<Fields<T>, T> fields) {
    return new MapCodec<>(fields, false);
  }

  /**
   * The same, but what it reads has to have exactly the fields of the list: {@code DECODE_SCHEMA}
   * if there are others, or if one is missing that is null where it has no value. Not for lists
   * with fields that may be left out.
   */
  public MapCodec<T> strict() {
    return new MapCodec<>(fields, true);
  }

  @Override
  public Node encode(T value) {
    Node.MapBuilder map = Node.map();
    write(value, map);
    return map.build();
  }

  /** Writes the fields into a map that holds others, too. */
  public void write(T value, Node.MapBuilder into) {
    var unused = fields.apply(new FieldWriter<>(value, into));
  }

  @Override
  public T decode(Node node) {
    FieldReader<T> reader = new FieldReader<>(node.asMap(), strict);
    T value = NodeCodec.read(() -> fields.apply(reader));
    reader.checkNothingElse();
    return value;
  }

  /**
   * The fields of a record, written or read.
   *
   * @param <T> the record
   */
  public interface Fields<T> {
    /** A field that is always there; {@code DECODE_SCHEMA} if it is missing. */
    <V> V get(String name, NodeCodec<V> codec, Function<T, V> accessor);

    /** A field that is left out when it has no value; null reads as absent, too. */
    <V> Optional<V> find(String name, NodeCodec<V> codec, Function<T, Optional<V>> accessor);

    /** A field that is null when it has no value; absent reads as null, too. */
    <V> Optional<V> findOrNull(String name, NodeCodec<V> codec, Function<T, Optional<V>> accessor);

    /** The fields of another record, among this one's own. */
    <V> V among(MapCodec<V> codec, Function<T, V> accessor);

    /** Further fields of this record, in a map of their own; they may be what completes it. */
    <V> V within(String name, Function<Fields<T>, V> fields);

    /** A field for others to read: always written, never looked at here. */
    void put(String name, Function<T, Node> value);
  }

  private record FieldWriter<T>(T value, Node.MapBuilder map) implements Fields<T> {
    @Override
    public <V> V get(String name, NodeCodec<V> codec, Function<T, V> accessor) {
      V field = accessor.apply(value);
      map.put(name, codec.encode(field));
      return field;
    }

    @Override
    public <V> Optional<V> find(
        String name, NodeCodec<V> codec, Function<T, Optional<V>> accessor) {
      Optional<V> field = accessor.apply(value);
      field.ifPresent(present -> map.put(name, codec.encode(present)));
      return field;
    }

    @Override
    public <V> Optional<V> findOrNull(
        String name, NodeCodec<V> codec, Function<T, Optional<V>> accessor) {
      Optional<V> field = accessor.apply(value);
      map.put(name, field.map(codec::encode).orElseGet(Node::ofNull));
      return field;
    }

    @Override
    public <V> V among(MapCodec<V> codec, Function<T, V> accessor) {
      V part = accessor.apply(value);
      codec.write(part, map);
      return part;
    }

    @Override
    public <V> V within(String name, Function<Fields<T>, V> fields) {
      Node.MapBuilder inner = Node.map();
      V part = fields.apply(new FieldWriter<>(value, inner));
      map.put(name, inner.build());
      return part;
    }

    @Override
    public void put(String name, Function<T, Node> constant) {
      map.put(name, constant.apply(value));
    }
  }

  private static final class FieldReader<T> implements Fields<T> {
    private final Node.Map map;
    private final boolean strict;
    private int read;

    FieldReader(Node.Map map, boolean strict) {
      this.map = map;
      this.strict = strict;
    }

    void checkNothingElse() {
      if (strict && read < map.size()) {
        throw new ProtocolException(
            ProtocolException.DECODE_SCHEMA,
            "%d fields where %d are known".formatted(map.size(), read));
      }
    }

    @Override
    public <V> V get(String name, NodeCodec<V> codec, Function<T, V> accessor) {
      read++;
      return codec.decode(map.get(name));
    }

    @Override
    public <V> Optional<V> find(
        String name, NodeCodec<V> codec, Function<T, Optional<V>> accessor) {
      return map.findNonNull(name).map(codec::decode);
    }

    @Override
    public <V> Optional<V> findOrNull(
        String name, NodeCodec<V> codec, Function<T, Optional<V>> accessor) {
      if (strict) {
        Node node = get(name, ANY, unused -> Node.ofNull());
        return node.isNull() ? Optional.empty() : Optional.of(codec.decode(node));
      }
      return find(name, codec, accessor);
    }

    @Override
    public <V> V among(MapCodec<V> codec, Function<T, V> accessor) {
      return codec.decode(map);
    }

    @Override
    public <V> V within(String name, Function<Fields<T>, V> fields) {
      return fields.apply(new FieldReader<>(map.get(name).asMap(), false));
    }

    @Override
    public void put(String name, Function<T, Node> constant) {}
  }
}
