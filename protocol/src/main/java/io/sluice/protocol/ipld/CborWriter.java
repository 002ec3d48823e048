package io.sluice.protocol.ipld;

import static io.sluice.protocol.ProtocolException.DECODE_SCHEMA;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes nodes as dag-cbor into a growing array, or around long bytes that stay where they are. */
final class CborWriter {
  static final int MAJOR_UNSIGNED = 0;
  static final int MAJOR_NEGATIVE = 1;
  static final int MAJOR_BYTES = 2;
  static final int MAJOR_TEXT = 3;
  static final int MAJOR_LIST = 4;
  static final int MAJOR_MAP = 5;
  static final int MAJOR_TAG = 6;
  static final int MAJOR_SIMPLE = 7;
  static final int TAG_LINK = 42;

  /** From this size on a piece of its own is cheaper than a copy. */
  private static final int OWN_PART = 4096;

  private final boolean sorted;
  private final @Nullable List<ByteBuffer> parts;
  private byte[] out = new byte[256];
  private int length;

  private CborWriter(boolean sorted, @Nullable List<ByteBuffer> parts) {
    this.sorted = sorted;
    this.parts = parts;
  }

  static byte[] write(Node node, boolean sorted) {
    CborWriter writer = new CborWriter(sorted, null);
    writer.node(node);
    return Arrays.copyOf(writer.out, writer.length);
  }

  static List<ByteBuffer> writeParts(Node node) {
    List<ByteBuffer> parts = new ArrayList<>();
    CborWriter writer = new CborWriter(true, parts);
    writer.node(node);
    writer.endPart(parts);
    return parts;
  }

  private void endPart(List<ByteBuffer> to) {
    if (length > 0) {
      to.add(ByteBuffer.wrap(Arrays.copyOf(out, length)).asReadOnlyBuffer());
      length = 0;
    }
  }

  private void node(Node node) {
    switch (node) {
      case Node.Null ignored -> put(0xf6);
      case Node.Bool bool -> put(bool.value() ? 0xf5 : 0xf4);
      case Node.Int number -> number(number);
      case Node.Float number -> number(number.value());
      case Node.Text text -> text(text);
      case Node.Bytes bytes -> bytes(bytes);
      case Node.List list -> {
        head(MAJOR_LIST, list.items().size());
        list.items().forEach(this::node);
      }
      case Node.Map map -> map(map);
      case Node.Link link -> link(link.cid());
    }
  }

  private void number(Node.Int number) {
    if (number.isLong()) {
      long value = number.small();
      head(value < 0 ? MAJOR_NEGATIVE : MAJOR_UNSIGNED, value < 0 ? -1 - value : value);
    } else {
      BigInteger value = number.value();
      boolean negative = value.signum() < 0;
      head(
          negative ? MAJOR_NEGATIVE : MAJOR_UNSIGNED, (negative ? value.not() : value).longValue());
    }
  }

  private void number(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      throw new ProtocolException(DECODE_SCHEMA, "dag-cbor has no " + value);
    }
    put(MAJOR_SIMPLE << 5 | 27);
    bigEndian(Double.doubleToRawLongBits(value), 8);
  }

  private void text(Node.Text text) {
    head(MAJOR_TEXT, text.raw().length);
    put(text.raw());
  }

  private void bytes(Node.Bytes bytes) {
    head(MAJOR_BYTES, bytes.size());
    if (parts != null && bytes.size() >= OWN_PART) {
      endPart(parts);
      parts.add(bytes.buffer());
    } else {
      reserve(bytes.size());
      bytes.buffer().get(out, length, bytes.size());
      length += bytes.size();
    }
  }

  private void map(Node.Map map) {
    head(MAJOR_MAP, map.size());
    if (sorted && !isSorted(map)) {
      map.entries().stream()
          .sorted(java.util.Map.Entry.comparingByKey())
          .forEach(
              entry -> {
                text(entry.getKey());
                node(entry.getValue());
              });
    } else {
      for (int i = 0; i < map.size(); i++) {
        text(map.key(i));
        node(map.value(i));
      }
    }
  }

  private static boolean isSorted(Node.Map map) {
    for (int i = 1; i < map.size(); i++) {
      if (map.key(i - 1).compareTo(map.key(i)) > 0) {
        return false;
      }
    }
    return true;
  }

  private void link(Cid cid) {
    head(MAJOR_TAG, TAG_LINK);
    head(MAJOR_BYTES, cid.size() + 1);
    put(0); // the multibase prefix of plain binary
    reserve(cid.size());
    cid.write(ByteBuffer.wrap(out, length, cid.size()));
    length += cid.size();
  }

  /** The argument is unsigned: "negative" ones are above 2^63. */
  private void head(int major, long argument) {
    int type = major << 5;
    if (argument >= 0 && argument < 24) {
      put(type | (int) argument);
    } else if (argument >= 0 && argument <= 0xff) {
      put(type | 24);
      bigEndian(argument, 1);
    } else if (argument >= 0 && argument <= 0xffff) {
      put(type | 25);
      bigEndian(argument, 2);
    } else if (argument >= 0 && argument <= 0xffff_ffffL) {
      put(type | 26);
      bigEndian(argument, 4);
    } else {
      put(type | 27);
      bigEndian(argument, 8);
    }
  }

  private void bigEndian(long value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      put((int) (value >>> shift));
    }
  }

  private void put(int value) {
    reserve(1);
    out[length++] = (byte) value;
  }

  private void put(byte[] bytes) {
    reserve(bytes.length);
    System.arraycopy(bytes, 0, out, length, bytes.length);
    length += bytes.length;
  }

  private void reserve(int more) {
    int needed = Math.addExact(length, more);
    if (needed > out.length) {
      out =
          Arrays.copyOf(
              out, (int) Math.max(needed, Math.min(2L * out.length, Integer.MAX_VALUE - 8)));
    }
  }
}
