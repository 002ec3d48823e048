package io.sluice.protocol.protobuf;

import static io.sluice.protocol.ProtocolException.DECODE_MALFORMED;
import static io.sluice.protocol.ProtocolException.DECODE_TRUNCATED;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Varint;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads a protobuf message field by field: {@link #next}, then exactly one of the readers or {@link
 * #skip}. Byte fields are views of the input; lengths are compared with what is left before
 * anything is allocated. Numbers may have ten bytes and need not be minimal, unlike in
 * multiformats.
 */
public final class ProtobufReader {
  /** Wire types. */
  static final int VARINT = 0;

  static final int LENGTH = 2;
  private static final int FIXED64 = 1;
  static final int FIXED32 = 5;

  private static final int MAX_FIELD = (1 << 29) - 1;
  private static final int MAX_NUMBER_BYTES = 10;

  /** How strictly a protocol's other implementations read, and what they call an error. */
  public enum Dialect {
    /** dag-pb and UnixFS: a number of more than 64 bits is refused. */
    IPLD(DECODE_MALFORMED, MAX_FIELD, true),
    /** The small messages of libp2p: bits beyond the 64th are dropped. */
    LIBP2P(DECODE_MALFORMED, MAX_FIELD, false),
    /** GraphSync 1.0.0: as libp2p, and there is one field number more. */
    GRAPHSYNC("MESSAGE_MALFORMED", MAX_FIELD + 1, false);

    private final String malformed;
    private final long maxField;
    private final boolean strict;

    Dialect(String malformed, long maxField, boolean strict) {
      this.malformed = malformed;
      this.maxField = maxField;
      this.strict = strict;
    }

    private ProtocolException malformed(String what) {
      return new ProtocolException(malformed, "protobuf: " + what);
    }
  }

  private final ByteBuffer in;
  private final Dialect dialect;
  private int tag;

  /** Reads what remains in the buffer, whose position moves along. */
  public ProtobufReader(ByteBuffer in, Dialect dialect) {
    this.in = in;
    this.dialect = dialect;
  }

  /** Goes to the next field; false at the end. */
  public boolean next() {
    if (!in.hasRemaining()) {
      return false;
    }
    long key = varint();
    long number = key >>> 3;
    if (number == 0 || number > dialect.maxField) {
      throw dialect.malformed("field number " + number);
    }
    tag = (int) key;
    return true;
  }

  /** The number of the field. */
  public int field() {
    return tag >>> 3;
  }

  /** Number and wire type of the field, as on the wire. */
  public int tag() {
    return tag;
  }

  /** The field as a number of 64 bits. */
  public long number() {
    expect(VARINT);
    return varint();
  }

  /** The field as a number of 32 bits that always takes four bytes; without a sign. */
  public long fixed32() {
    expect(FIXED32);
    int at = in.position();
    advance(Integer.BYTES);
    return Integer.toUnsignedLong(Integer.reverseBytes(in.slice(at, Integer.BYTES).getInt()));
  }

  /** The field as one number, or as several that are packed. */
  public List<Long> numbers() {
    if (wireType() == VARINT) {
      return List.of(varint());
    }
    ProtobufReader packed = message();
    List<Long> numbers = new ArrayList<>();
    while (packed.in.hasRemaining()) {
      numbers.add(packed.varint());
    }
    return numbers;
  }

  /** The field as bytes: a view. */
  public ByteBuffer bytes() {
    expect(LENGTH);
    return view();
  }

  /** The bytes, or nothing where there are none: proto3 does not tell the two apart. */
  public Optional<ByteBuffer> bytesIfAny() {
    return Optional.of(bytes()).filter(ByteBuffer::hasRemaining);
  }

  /** The field as bytes: a copy. */
  public byte[] byteArray() {
    ByteBuffer view = bytes();
    byte[] copy = new byte[view.remaining()];
    view.get(copy);
    return copy;
  }

  /** The field as text; what is not UTF-8 shows as U+FFFD. */
  public String text() {
    return new String(byteArray(), StandardCharsets.UTF_8);
  }

  /** The field as a message. */
  public ProtobufReader message() {
    return new ProtobufReader(bytes(), dialect);
  }

  /** Passes over the field. */
  public void skip() {
    switch (wireType()) {
      case VARINT -> varint();
      case FIXED64 -> advance(Long.BYTES);
      case LENGTH -> view();
      case FIXED32 -> advance(Integer.BYTES);
      default -> throw dialect.malformed("wire type " + wireType());
    }
  }

  private int wireType() {
    return tag & 7;
  }

  private void expect(int type) {
    if (wireType() != type) {
      throw dialect.malformed(
          "field %d has wire type %d, not %d".formatted(field(), wireType(), type));
    }
  }

  private ByteBuffer view() {
    long length = varint();
    int at = in.position();
    advance(length);
    return in.slice(at, (int) length);
  }

  private void advance(long bytes) {
    if (bytes < 0 || bytes > in.remaining()) {
      throw new ProtocolException(
          DECODE_TRUNCATED,
          "protobuf: field of %s bytes, %d are left"
              .formatted(Long.toUnsignedString(bytes), in.remaining()));
    }
    in.position(in.position() + (int) bytes);
  }

  private long varint() {
    Varint.Partial number = new Varint.Partial();
    boolean whole = false;
    while (!whole) {
      if (!in.hasRemaining()) {
        throw new ProtocolException(DECODE_TRUNCATED, "protobuf: the input ends inside a number");
      }
      whole = number.take(in.get());
      if (number.size() == MAX_NUMBER_BYTES
          && (!whole || (dialect.strict && number.exceeds64Bits()))) {
        throw dialect.malformed("a number of more than 64 bits");
      }
    }
    return number.value();
  }
}
