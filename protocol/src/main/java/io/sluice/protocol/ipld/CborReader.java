package io.sluice.protocol.ipld;

import static io.sluice.protocol.ProtocolException.BAD_CID;
import static io.sluice.protocol.ProtocolException.DECODE_BUDGET;
import static io.sluice.protocol.ProtocolException.DECODE_DEPTH;
import static io.sluice.protocol.ProtocolException.DECODE_MALFORMED;
import static io.sluice.protocol.ProtocolException.DECODE_NOT_CANONICAL;
import static io.sluice.protocol.ProtocolException.DECODE_TRUNCATED;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads dag-cbor, as it should be or as peers write it. Nothing is allocated for what the input
 * only announces: every length is first held against the bytes that are left, and lists grow with
 * their items.
 */
final class CborReader {
  /** What the nodes cost in memory, roughly, beside their content. */
  private static final int NODE_COST = 24;

  private static final int LINK_COST = 160;
  private static final int ENTRY_COST = 64;
  private static final int MAX_PREALLOCATED = 1024;

  private static final Node EMPTY_LIST = Node.list();
  private static final Node EMPTY_TEXT = Node.of("");
  private static final Node EMPTY_BYTES = Node.of(ByteBuffer.allocate(0));
  private static final Node EMPTY_MAP = Node.map().build();
  private static final Node TRUE = Node.of(true);
  private static final Node FALSE = Node.of(false);

  private final ByteBuffer in;
  private final boolean strict;
  private final int maxDepth;
  private long budget;

  private CborReader(ByteBuffer in, Limits limits, boolean strict) {
    this.in = in;
    this.strict = strict;
    this.maxDepth = limits.maxDepth();
    this.budget = limits.maxAllocation();
  }

  static Node whole(ByteBuffer in, Limits limits, boolean strict) {
    Node node = new CborReader(in, limits, strict).node(0);
    if (in.hasRemaining()) {
      throw new ProtocolException(
          DECODE_MALFORMED, in.remaining() + " bytes behind a dag-cbor value");
    }
    return node;
  }

  static Node prefix(ByteBuffer in, Limits limits) {
    return new CborReader(in, limits, false).node(0);
  }

  private Node node(int depth) {
    int initial = next();
    int major = initial >> 5;
    int info = initial & 0x1f;
    if (major == CborWriter.MAJOR_SIMPLE) {
      return simple(info);
    }
    long argument = argument(info);
    return switch (major) {
      case CborWriter.MAJOR_UNSIGNED -> unsigned(argument);
      case CborWriter.MAJOR_NEGATIVE -> negative(argument);
      case CborWriter.MAJOR_BYTES -> bytes(argument);
      case CborWriter.MAJOR_TEXT -> argument == 0 ? EMPTY_TEXT : text(argument);
      case CborWriter.MAJOR_LIST -> list(argument, depth + 1);
      case CborWriter.MAJOR_MAP -> map(argument, depth + 1);
      default -> link(argument);
    };
  }

  private Node unsigned(long value) {
    return value >= 0 ? number(value) : number(unsignedBig(value));
  }

  private Node negative(long argument) {
    return argument >= 0 ? number(-1 - argument) : number(unsignedBig(argument).not());
  }

  private Node number(long value) {
    charge(NODE_COST);
    return Node.of(value);
  }

  private Node number(BigInteger value) {
    charge(4 * NODE_COST);
    return Node.of(value);
  }

  private static BigInteger unsignedBig(long value) {
    return BigInteger.valueOf(value).add(BigInteger.ONE.shiftLeft(64));
  }

  private Node bytes(long length) {
    if (length == 0) {
      return EMPTY_BYTES;
    }
    ByteBuffer view = view(length);
    charge(4 * NODE_COST);
    return Node.of(view);
  }

  private Node.Text text(long length) {
    int size = available(length);
    charge(2 * NODE_COST + size);
    byte[] utf8 = new byte[size];
    in.get(utf8);
    if (strict) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8));
      } catch (CharacterCodingException e) {
        throw new ProtocolException(DECODE_NOT_CANONICAL, "text that is not UTF-8", e);
      }
    }
    return Node.Text.owned(utf8);
  }

  private Node list(long count, int depth) {
    enter(count, 1, depth);
    if (count == 0) {
      return EMPTY_LIST;
    }
    charge(2 * NODE_COST + 8 * count);
    List<Node> items = new ArrayList<>((int) Math.min(count, MAX_PREALLOCATED));
    for (long i = 0; i < count; i++) {
      items.add(node(depth));
    }
    return Node.list(items);
  }

  private Node map(long count, int depth) {
    enter(count, 2, depth);
    if (count == 0) {
      return EMPTY_MAP;
    }
    charge(3 * NODE_COST + ENTRY_COST * count);
    int expected = (int) Math.min(count, MAX_PREALLOCATED);
    List<Node.Text> keys = new ArrayList<>(expected);
    List<Node> values = new ArrayList<>(expected);
    for (long i = 0; i < count; i++) {
      Node.Text key = key();
      if (strict && !keys.isEmpty() && keys.getLast().compareTo(key) >= 0) {
        throw new ProtocolException(
            DECODE_NOT_CANONICAL, "map keys that are not sorted, or one of them twice");
      }
      keys.add(key);
      values.add(node(depth));
    }
    return Node.Map.of(keys, values);
  }

  private Node.Text key() {
    int initial = next();
    if (initial >> 5 != CborWriter.MAJOR_TEXT) {
      throw new ProtocolException(DECODE_MALFORMED, "a map key that is not text");
    }
    return text(argument(initial & 0x1f));
  }

  private Node link(long tag) {
    if (tag != CborWriter.TAG_LINK) {
      throw new ProtocolException(DECODE_MALFORMED, "tag " + Long.toUnsignedString(tag));
    }
    int initial = next();
    if (initial >> 5 != CborWriter.MAJOR_BYTES) {
      throw new ProtocolException(BAD_CID, "a link that is not made of bytes");
    }
    ByteBuffer binary = view(argument(initial & 0x1f));
    if (!binary.hasRemaining() || binary.get() != 0) {
      throw new ProtocolException(BAD_CID, "a link without the prefix 00");
    }
    charge(LINK_COST);
    Cid cid = Cid.read(binary);
    if (binary.hasRemaining()) {
      throw new ProtocolException(BAD_CID, binary.remaining() + " bytes behind the CID of a link");
    }
    return Node.of(cid);
  }

  private Node simple(int info) {
    return switch (info) {
      case 20 -> FALSE;
      case 21 -> TRUE;
      case 22 -> Node.ofNull();
      case 23 -> {
        refuseIfStrict("undefined");
        yield Node.ofNull();
      }
      case 25 -> {
        refuseIfStrict("a float of 16 bits");
        yield number((double) Float.float16ToFloat((short) bigEndian(2)));
      }
      case 26 -> {
        refuseIfStrict("a float of 32 bits");
        yield number((double) Float.intBitsToFloat((int) bigEndian(4)));
      }
      case 27 -> number(Double.longBitsToDouble(bigEndian(8)));
      default -> throw new ProtocolException(DECODE_MALFORMED, "simple value " + info);
    };
  }

  private Node number(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      refuseIfStrict("no number");
    }
    charge(NODE_COST);
    return Node.of(value);
  }

  private void refuseIfStrict(String what) {
    if (strict) {
      throw new ProtocolException(DECODE_NOT_CANONICAL, what);
    }
  }

  /** The number that follows a first byte, unsigned: "negative" ones are above 2^63. */
  private long argument(int info) {
    if (info < 24) {
      return info;
    }
    if (info > 27) {
      throw new ProtocolException(
          DECODE_MALFORMED, info == 31 ? "an indefinite length" : "additional information " + info);
    }
    int bytes = 1 << (info - 24);
    long value = bigEndian(bytes);
    if (strict) {
      // Each longer form starts where the one before ends.
      boolean shortest = bytes == 1 ? value >= 24 : value >>> (4 * bytes) != 0;
      if (!shortest) {
        throw new ProtocolException(
            DECODE_NOT_CANONICAL, "a number in " + bytes + " bytes that needs fewer");
      }
    }
    return value;
  }

  private long bigEndian(int bytes) {
    if (bytes > in.remaining()) {
      throw truncated("a number", bytes);
    }
    return switch (bytes) {
      case 1 -> in.get() & 0xff;
      case 2 -> readShort() & 0xffff;
      case 4 -> readInt() & 0xffff_ffffL;
      default -> (readInt() & 0xffff_ffffL) << 32 | (readInt() & 0xffff_ffffL);
    };
  }

  // By hand: the order of the caller's buffer is not ours to set.
  private int readShort() {
    return (in.get() & 0xff) << 8 | (in.get() & 0xff);
  }

  private int readInt() {
    return readShort() << 16 | (readShort() & 0xffff);
  }

  private int next() {
    if (!in.hasRemaining()) {
      throw new ProtocolException(DECODE_TRUNCATED, "the input ends where a value should begin");
    }
    return in.get() & 0xff;
  }

  private ByteBuffer view(long length) {
    int size = available(length);
    ByteBuffer view = in.slice(in.position(), size);
    in.position(in.position() + size);
    return view;
  }

  private int available(long length) {
    if (length < 0 || length > in.remaining()) {
      throw truncated("a value", length);
    }
    return (int) length;
  }

  private ProtocolException truncated(String what, long length) {
    return new ProtocolException(
        DECODE_TRUNCATED,
        what + " of " + Long.toUnsignedString(length) + " bytes, " + in.remaining() + " are left");
  }

  private void enter(long count, int bytesEach, int depth) {
    if (depth > maxDepth) {
      throw new ProtocolException(
          DECODE_DEPTH, "more than " + maxDepth + " maps and lists inside one another");
    }
    if (count < 0 || count > in.remaining() / bytesEach) {
      throw truncated("a list or map of items", count);
    }
  }

  private void charge(long cost) {
    budget -= cost;
    if (budget < 0) {
      throw new ProtocolException(DECODE_BUDGET, "decoding takes more memory than allowed");
    }
  }
}
