package io.sluice.protocol.ipld;

import static io.sluice.protocol.ProtocolException.DECODE_SCHEMA;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A value of the IPLD data model: what blocks and messages are made of.
 *
 * <p>Immutable, and compared by content. Maps keep the order they were decoded or built in, since
 * that order decides how a DAG is walked; two maps of the same entries in different orders are not
 * equal. The {@code as…} methods are for reading messages: on another kind they throw {@link
 * ProtocolException} with {@code DECODE_SCHEMA}.
 *
 * <p>Long because it is one idea: nine kinds, one way to make each and one way to read each. They
 * stand in one file so that they can be sealed with private constructors, and a switch over the
 * kinds is complete by the compiler's word; taken apart, each would have to open its inside to the
 * decoder that makes it and to the walk that reads it without copies.
 *
 * <p>Spec: ipld/data-model.
 */
public sealed interface Node {
  // ---- kinds

  /** Nothing, written out. */
  record Null() implements Node {
    private static final Null INSTANCE = new Null();
  }

  /**
   * True or false.
   *
   * @param value which
   */
  record Bool(boolean value) implements Node {}

  /**
   * A number of 64 bits with a fraction.
   *
   * @param value the number
   */
  @SuppressWarnings("JavaLangClash") // the data model's own word
  record Float(double value) implements Node {}

  /**
   * A link to another block.
   *
   * @param cid the other block
   */
  record Link(Cid cid) implements Node {}

  /**
   * Values in order.
   *
   * @param items the values
   */
  record List(java.util.List<Node> items) implements Node {
    /** Copies the list. */
    public List {
      items = java.util.List.copyOf(items);
    }
  }

  /** A whole number from −2^64 to 2^64 − 1. */
  final class Int implements Node {
    private static final BigInteger MIN = BigInteger.ONE.shiftLeft(64).negate();
    private static final int CACHE_LOW = -64;
    private static final Int[] CACHE = new Int[1024 + 64];

    static {
      for (int i = 0; i < CACHE.length; i++) {
        CACHE[i] = new Int(i + CACHE_LOW, null);
      }
    }

    private final long small;
    private final @Nullable BigInteger large;

    private Int(long small, @Nullable BigInteger large) {
      this.small = small;
      this.large = large;
    }

    static Int of(long value) {
      long index = value - CACHE_LOW;
      return index >= 0 && index < CACHE.length ? CACHE[(int) index] : new Int(value, null);
    }

    static Int of(BigInteger value) {
      if (value.bitLength() < Long.SIZE) {
        return of(value.longValue());
      }
      if (value.bitLength() > 64 || value.compareTo(MIN) < 0) {
        throw new IllegalArgumentException("outside of what the data model holds: " + value);
      }
      return new Int(0, value);
    }

    /** Whether the value fits a long. */
    public boolean isLong() {
      return large == null;
    }

    /** The value, whatever its size. */
    public BigInteger value() {
      return large == null ? BigInteger.valueOf(small) : large;
    }

    /** The value, where {@link #isLong()}. */
    long small() {
      return small;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Int that
          && small == that.small
          && java.util.Objects.equals(large, that.large);
    }

    @Override
    public int hashCode() {
      return large == null ? Long.hashCode(small) : large.hashCode();
    }

    @Override
    public String toString() {
      return "Int[" + value() + "]";
    }
  }

  /**
   * Text; on the wire it can hold bytes that are not UTF-8 (peers put binary ids there), which are
   * kept. Ordered as dag-cbor orders the keys of maps: shorter first, then by bytes.
   */
  final class Text implements Node, Comparable<Text> {
    private final byte[] utf8;
    private @Nullable String string;
    private int hash;

    private Text(byte[] utf8, @Nullable String string) {
      this.utf8 = utf8;
      this.string = string;
    }

    /** The text of a string. */
    public static Text of(String string) {
      return new Text(string.getBytes(StandardCharsets.UTF_8), string);
    }

    /** The text that stands on the wire as {@code bytes}, UTF-8 or not. */
    public static Text ofBytes(byte[] bytes) {
      return new Text(bytes.clone(), null);
    }

    /** As {@link #ofBytes} without a copy: the array must be nobody else's. */
    static Text owned(byte[] bytes) {
      return new Text(bytes, null);
    }

    /** The text; what is not UTF-8 shows as U+FFFD. */
    public String string() {
      String known = string;
      if (known == null) {
        known = new String(utf8, StandardCharsets.UTF_8);
        string = known;
      }
      return known;
    }

    /** A copy of the bytes on the wire. */
    public byte[] bytes() {
      return utf8.clone();
    }

    /** The bytes themselves; never written to. */
    byte[] raw() {
      return utf8;
    }

    @Override
    public int compareTo(Text other) {
      int byLength = Integer.compare(utf8.length, other.utf8.length);
      return byLength != 0 ? byLength : Arrays.compareUnsigned(utf8, other.utf8);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Text that && Arrays.equals(utf8, that.utf8);
    }

    @Override
    public int hashCode() {
      if (hash == 0) {
        hash = Arrays.hashCode(utf8);
      }
      return hash;
    }

    @Override
    public String toString() {
      return "Text[" + string() + "]";
    }
  }

  /**
   * Bytes, as a read-only view of what they were decoded from: they keep that whole buffer alive.
   *
   * @param buffer the bytes; every call gives a view with a position of its own
   */
  record Bytes(ByteBuffer buffer) implements Node {
    /** Takes a view; the content must not change any more. */
    public Bytes {
      buffer = buffer.slice().asReadOnlyBuffer();
    }

    /** A view of the bytes. */
    @Override
    public ByteBuffer buffer() {
      return buffer.duplicate();
    }

    /** The number of bytes. */
    public int size() {
      return buffer.capacity();
    }

    /** A copy of the bytes. */
    public byte[] array() {
      byte[] copy = new byte[buffer.capacity()];
      buffer.get(0, copy);
      return copy;
    }

    @Override
    public String toString() {
      return "Bytes[" + size() + "]";
    }
  }

  /** Values by key, in order. */
  final class Map implements Node {
    /** Up to this many entries a search from the front is quickest. */
    private static final int LINEAR = 8;

    private static final Map EMPTY = new Map(new Text[0], new Node[0], null);

    private final Text[] keys;
    private final Node[] values;
    private final java.util.@Nullable Map<Text, Integer> index;

    private Map(Text[] keys, Node[] values, java.util.@Nullable Map<Text, Integer> index) {
      this.keys = keys;
      this.values = values;
      this.index = index;
    }

    /**
     * Makes one of keys and values in order; the lists are copied.
     *
     * @throws ProtocolException {@code DECODE_MALFORMED} if a key stands twice
     */
    static Map of(java.util.List<Text> keyList, java.util.List<Node> valueList) {
      if (keyList.isEmpty()) {
        return EMPTY;
      }
      Text[] keys = keyList.toArray(new Text[0]);
      Node[] values = valueList.toArray(new Node[0]);
      if (keys.length <= LINEAR) {
        for (int i = 1; i < keys.length; i++) {
          for (int j = 0; j < i; j++) {
            if (keys[i].equals(keys[j])) {
              throw duplicate(keys[i]);
            }
          }
        }
        return new Map(keys, values, null);
      }
      java.util.Map<Text, Integer> index = HashMap.newHashMap(keys.length);
      for (int i = 0; i < keys.length; i++) {
        if (index.put(keys[i], i) != null) {
          throw duplicate(keys[i]);
        }
      }
      return new Map(keys, values, index);
    }

    private static ProtocolException duplicate(Text key) {
      return new ProtocolException(
          ProtocolException.DECODE_MALFORMED,
          "a map with a key of " + key.raw().length + " bytes twice");
    }

    /** The number of entries. */
    public int size() {
      return keys.length;
    }

    /** The key of an entry, counted from 0. */
    public Text key(int entry) {
      return keys[entry];
    }

    /** The value of an entry, counted from 0. */
    public Node value(int entry) {
      return values[entry];
    }

    /** The value of {@code key}, or null. */
    @Nullable Node lookup(Text key) {
      if (index != null) {
        Integer entry = index.get(key);
        return entry == null ? null : values[entry];
      }
      for (int i = 0; i < keys.length; i++) {
        if (keys[i].equals(key)) {
          return values[i];
        }
      }
      return null;
    }

    /** The value of {@code key}, if it is there. */
    public Optional<Node> find(Text key) {
      return Optional.ofNullable(lookup(key));
    }

    /** The value of {@code key}, if it is there. */
    @Override
    public Optional<Node> find(String key) {
      return find(Text.of(key));
    }

    /** The entries in order. */
    public java.util.List<java.util.Map.Entry<Text, Node>> entries() {
      java.util.List<java.util.Map.Entry<Text, Node>> entries = new ArrayList<>(keys.length);
      for (int i = 0; i < keys.length; i++) {
        entries.add(new AbstractMap.SimpleImmutableEntry<>(keys[i], values[i]));
      }
      return entries;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Map that
          && Arrays.equals(keys, that.keys)
          && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(keys) + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
      return "Map" + entries();
    }
  }

  // ---- making nodes

  /** Null. */
  static Node ofNull() {
    return Null.INSTANCE;
  }

  /** A whole number. */
  static Node of(long value) {
    return Int.of(value);
  }

  /**
   * A whole number.
   *
   * @throws IllegalArgumentException if it is below −2^64 or above 2^64 − 1
   */
  static Node of(BigInteger value) {
    return Int.of(value);
  }

  /** True or false. */
  static Node of(boolean value) {
    return new Bool(value);
  }

  /** A number with a fraction. */
  static Node of(double value) {
    return new Float(value);
  }

  /** Text. */
  static Node of(String value) {
    return Text.of(value);
  }

  /** Bytes; the array is copied. */
  static Node of(byte[] value) {
    return new Bytes(ByteBuffer.wrap(value.clone()));
  }

  /** What remains in a buffer, as a view: its content must not change any more. */
  static Node of(ByteBuffer value) {
    return new Bytes(value);
  }

  /** A link. */
  static Node of(Cid cid) {
    return new Link(cid);
  }

  /** A list. */
  static Node list(Node... items) {
    return new List(java.util.List.of(items));
  }

  /** A list. */
  static Node list(java.util.List<? extends Node> items) {
    return new List(java.util.List.copyOf(items));
  }

  /** An empty map to be filled. */
  static MapBuilder map() {
    return new MapBuilder();
  }

  /** Fills a map; entries keep the order in which they are put. Not for use by several threads. */
  final class MapBuilder {
    private final LinkedHashMap<Text, Node> entries = new LinkedHashMap<>();

    private MapBuilder() {}

    /**
     * Adds an entry.
     *
     * @throws IllegalArgumentException if the key is there already
     */
    public MapBuilder put(Text key, Node value) {
      if (entries.putIfAbsent(key, value) != null) {
        throw new IllegalArgumentException("twice: " + key.string());
      }
      return this;
    }

    /** Adds an entry; see {@link #put(Text, Node)}. */
    public MapBuilder put(String key, Node value) {
      return put(Text.of(key), value);
    }

    /** Adds an entry; see {@link #put(Text, Node)}. */
    public MapBuilder put(String key, long value) {
      return put(key, Node.of(value));
    }

    /** Adds an entry; see {@link #put(Text, Node)}. */
    public MapBuilder put(String key, boolean value) {
      return put(key, Node.of(value));
    }

    /** Adds an entry; see {@link #put(Text, Node)}. */
    public MapBuilder put(String key, String value) {
      return put(key, Node.of(value));
    }

    /** Adds an entry; see {@link #put(Text, Node)}. */
    public MapBuilder put(String key, byte[] value) {
      return put(key, Node.of(value));
    }

    /** Adds an entry; see {@link #put(Text, Node)}. */
    public MapBuilder put(String key, Cid value) {
      return put(key, Node.of(value));
    }

    /** Adds an entry if there is a value for it: absent means absent, never null. */
    public MapBuilder put(String key, Optional<? extends Node> value) {
      value.ifPresent(node -> put(key, node));
      return this;
    }

    /** The map as it is now. */
    public Map build() {
      return Map.of(
          java.util.List.copyOf(entries.keySet()), java.util.List.copyOf(entries.values()));
    }
  }

  // ---- reading nodes

  /** Whether this is null. */
  default boolean isNull() {
    return this instanceof Null;
  }

  /** The value of {@code key} in this map; throws if this is not a map or has no such key. */
  default Node get(String key) {
    return find(key)
        .orElseThrow(
            () -> new ProtocolException(DECODE_SCHEMA, "the field " + key + " is missing"));
  }

  /** The value of {@code key} in this map, if it is there; throws if this is not a map. */
  default Optional<Node> find(String key) {
    return asMap().find(key);
  }

  /**
   * The value of {@code key} in this map, if it is there and not null; throws if this is not a map.
   */
  default Optional<Node> findNonNull(String key) {
    return find(key).filter(node -> !node.isNull());
  }

  /** This map. */
  default Map asMap() {
    if (this instanceof Map map) {
      return map;
    }
    throw unexpected("a map");
  }

  /** The items of this list. */
  default java.util.List<Node> asList() {
    if (this instanceof List list) {
      return list.items();
    }
    throw unexpected("a list");
  }

  /** This whole number; throws also if it needs more than 64 bits with a sign. */
  default long asLong() {
    if (this instanceof Int number && number.isLong()) {
      return number.small();
    }
    throw unexpected("a whole number of 64 bits");
  }

  /** This whole number, 0 or more; throws also if it is negative or above 2^63 − 1. */
  default long asUnsignedLong() {
    long value = asLong();
    if (value < 0) {
      throw new ProtocolException(DECODE_SCHEMA, value + " where no negative number can be");
    }
    return value;
  }

  /** This whole number; throws also if it needs more than 32 bits with a sign. */
  default int asInt() {
    long value = asLong();
    if (value != (int) value) {
      throw new ProtocolException(DECODE_SCHEMA, value + " where a number of 32 bits is expected");
    }
    return (int) value;
  }

  /** This whole number, whatever its size. */
  default BigInteger asBigInteger() {
    if (this instanceof Int number) {
      return number.value();
    }
    throw unexpected("a whole number");
  }

  /** This truth value. */
  default boolean asBoolean() {
    if (this instanceof Bool bool) {
      return bool.value();
    }
    throw unexpected("true or false");
  }

  /** This number with a fraction. */
  default double asDouble() {
    if (this instanceof Float number) {
      return number.value();
    }
    throw unexpected("a number with a fraction");
  }

  /** This text as a string; what is not UTF-8 in it shows as U+FFFD. */
  default String asText() {
    return asRawText().string();
  }

  /** This text with its bytes. */
  default Text asRawText() {
    if (this instanceof Text text) {
      return text;
    }
    throw unexpected("text");
  }

  /** A view of these bytes. */
  default ByteBuffer asBytes() {
    if (this instanceof Bytes bytes) {
      return bytes.buffer();
    }
    throw unexpected("bytes");
  }

  /** A copy of these bytes. */
  default byte[] asByteArray() {
    if (this instanceof Bytes bytes) {
      return bytes.array();
    }
    throw unexpected("bytes");
  }

  /** Where this link leads. */
  default Cid asLink() {
    if (this instanceof Link link) {
      return link.cid();
    }
    throw unexpected("a link");
  }

  /** What kind of value this is, for messages. */
  default String kind() {
    return switch (this) {
      case Null ignored -> "null";
      case Bool ignored -> "true or false";
      case Int ignored -> "a whole number";
      case Float ignored -> "a number with a fraction";
      case Text ignored -> "text";
      case Bytes ignored -> "bytes";
      case List ignored -> "a list";
      case Map ignored -> "a map";
      case Link ignored -> "a link";
    };
  }

  private ProtocolException unexpected(String expected) {
    return new ProtocolException(DECODE_SCHEMA, kind() + " where " + expected + " is expected");
  }
}
