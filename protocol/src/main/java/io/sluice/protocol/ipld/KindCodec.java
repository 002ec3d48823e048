package io.sluice.protocol.ipld;

import io.sluice.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A sealed family of records as maps: the kind stands as text under one key, beside the fields of
 * the record. What is stored goes by the kinds named here, never by a class name.
 *
 * @param <T> the family
 */
public final class KindCodec<T> implements NodeCodec<T> {
  private final String key;
  private final String unknown;
  private final List<Member<? extends T>> members = new ArrayList<>();

  private record Member<R>(String kind, Class<R> type, MapCodec<R> codec) {
    void write(Object value, Node.MapBuilder into) {
      codec.write(type.cast(value), into);
    }
  }

  /**
   * A family without members yet.
   *
   * @param key the key under which the kind stands
   */
  public KindCodec(String key) {
    this(key, ProtocolException.DECODE_SCHEMA);
  }

  /**
   * A family without members yet, of a store that has an error code of its own.
   *
   * @param key the key under which the kind stands
   * @param unknown the code of the exception for a kind that is not in the family
   */
  public KindCodec(String key, String unknown) {
    this.key = key;
    this.unknown = unknown;
  }

  /** The same with another member. Only for use while the codec is made. */
  public <R extends T> KindCodec<T> with(String kind, Class<R> type, MapCodec<R> codec) {
    if (members.stream().anyMatch(it -> it.kind.equals(kind) || it.type.equals(type))) {
      throw new IllegalArgumentException("twice: " + kind + " or " + type);
    }
    members.add(new Member<>(kind, type, codec));
    return this;
  }

  /** The kind of a value, as it is stored. */
  public String kind(T value) {
    return of(value).kind;
  }

  @Override
  public Node encode(T value) {
    Member<? extends T> member = of(value);
    Node.MapBuilder map = Node.map().put(key, member.kind);
    member.write(value, map);
    return map.build();
  }

  /** The fields without the kind, for stores that keep it elsewhere. */
  public Node encodeFields(T value) {
    Node.MapBuilder map = Node.map();
    of(value).write(value, map);
    return map.build();
  }

  @Override
  public T decode(Node node) {
    return decode(node.get(key).asText(), node);
  }

  /** Reads a record whose kind is known from elsewhere; its fields need not hold it. */
  public T decode(String kind, Node node) {
    return find(member -> member.kind.equals(kind), kind).codec.decode(node);
  }

  private Member<? extends T> of(T value) {
    return find(member -> member.type.isInstance(value), String.valueOf(value.getClass()));
  }

  private Member<? extends T> find(Predicate<Member<? extends T>> which, String named) {
    return members.stream()
        .filter(which)
        .findFirst()
        .orElseThrow(() -> new ProtocolException(unknown, "unknown %s: %s".formatted(key, named)));
  }
}
