package io.sluice.protocol.ipld;

import static io.sluice.protocol.ProtocolException.DECODE_BUDGET;
import static io.sluice.protocol.ProtocolException.DECODE_DEPTH;
import static io.sluice.protocol.ProtocolException.DECODE_MALFORMED;
import static io.sluice.protocol.ProtocolException.DECODE_TRUNCATED;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multibase;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Reads dag-json from UTF-8. */
final class JsonReader {
  private static final int NODE_COST = 64;

  /** The digits of 2^64, and its sign. */
  private static final int MAX_INT_CHARS = 21;

  private static final int MAX_FLOAT_CHARS = 1024;

  /** Manifests have hundreds of thousands of numbers. */
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

  /** So many characters fit a long, whatever they are. */
  private static final int MAX_LONG_CHARS = 18;

  private static final Node.Text RESERVED = Node.Text.of("/");

  private final byte[] in;
  private final int maxDepth;
  private long budget;
  private int at;

  JsonReader(byte[] in, Limits limits) {
    this.in = in;
    this.maxDepth = limits.maxDepth();
    this.budget = limits.maxAllocation();
  }

  Node whole() {
    Node node = node(0);
    space();
    if (at != in.length) {
      throw malformed("something behind the value");
    }
    return node;
  }

  private Node node(int depth) {
    space();
    charge(NODE_COST);
    return switch (peek()) {
      case '{' -> map(depth + 1);
      case '[' -> list(depth + 1);
      case '"' -> text();
      case 't' -> word("true", Node.of(true));
      case 'f' -> word("false", Node.of(false));
      case 'n' -> word("null", Node.ofNull());
      default -> number();
    };
  }

  private Node word(String word, Node value) {
    for (int i = 0; i < word.length(); i++) {
      expect(word.charAt(i));
    }
    return value;
  }

  private Node list(int depth) {
    enter(depth);
    expect('[');
    List<Node> items = new ArrayList<>();
    space();
    if (peek() == ']') {
      at++;
      return Node.list();
    }
    while (true) {
      items.add(node(depth));
      space();
      if (peek() == ']') {
        at++;
        return Node.list(items);
      }
      expect(',');
    }
  }

  private Node map(int depth) {
    enter(depth);
    expect('{');
    List<Node.Text> keys = new ArrayList<>();
    List<Node> values = new ArrayList<>();
    space();
    if (peek() == '}') {
      at++;
      return Node.map().build();
    }
    while (true) {
      space();
      keys.add(text());
      space();
      expect(':');
      values.add(node(depth));
      space();
      if (peek() == '}') {
        at++;
        return interpreted(Node.Map.of(keys, values));
      }
      expect(',');
    }
  }

  /** A map of one key {@code /} stands for a link or for bytes. */
  private Node interpreted(Node.Map map) {
    if (map.size() != 1 || !map.key(0).equals(RESERVED)) {
      return map;
    }
    Node value = map.value(0);
    if (value instanceof Node.Text text) {
      return Node.of(Cid.parse(text.string()));
    }
    if (value instanceof Node.Link) {
      return map; // the stop condition of a selector, which could not be written otherwise
    }
    if (value instanceof Node.Map inner
        && inner.size() == 1
        && inner.find("bytes").orElse(Node.ofNull()) instanceof Node.Text base64) {
      return Node.of(ByteBuffer.wrap(Multibase.BASE64.decodeBare(base64.string())));
    }
    throw malformed("a map of one key / that is neither link nor bytes");
  }

  private Node number() {
    int start = at;
    boolean whole = true;
    while (at < in.length && "+-0123456789.eE".indexOf(in[at]) >= 0) {
      whole &= in[at] == '-' || (in[at] >= '0' && in[at] <= '9');
      at++;
    }
    String text = new String(in, start, at - start, StandardCharsets.US_ASCII);
    boolean tooLong = text.length() > (whole ? MAX_INT_CHARS : MAX_FLOAT_CHARS);
    if (tooLong || !NUMBER.matcher(text).matches()) {
      throw malformed("something that is not a value");
    }
    if (!whole) {
      double value = Double.parseDouble(text);
      if (Double.isInfinite(value)) {
        throw malformed("a number too large");
      }
      return Node.of(value);
    }
    if (text.length() <= MAX_LONG_CHARS) {
      return Node.of(Long.parseLong(text));
    }
    try {
      return Node.of(new BigInteger(text));
    } catch (IllegalArgumentException e) {
      throw new ProtocolException(
          DECODE_MALFORMED, "a whole number outside of what the data model holds", e);
    }
  }

  private Node.Text text() {
    expect('"');
    byte[] bytes = plain();
    if (peek() != '"') {
      bytes = escaped(bytes);
    }
    at++;
    charge(bytes.length);
    if (!isAscii(bytes)) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      } catch (CharacterCodingException e) {
        throw new ProtocolException(DECODE_MALFORMED, "text that is not UTF-8", e);
      }
    }
    return Node.Text.owned(bytes);
  }

  /** What stands for itself, up to what does not; nearly always all of a text. */
  private byte[] plain() {
    int start = at;
    while (at < in.length && isPlain(in[at])) {
      at++;
    }
    return Arrays.copyOfRange(in, start, at);
  }

  /** A text that goes on with an escape, up to its end. */
  private byte[] escaped(byte[] before) {
    ByteArrayOutputStream utf8 = new ByteArrayOutputStream();
    utf8.writeBytes(before);
    while (peek() != '"') {
      if (next() != '\\') {
        throw malformed("a control character in text");
      }
      escape(utf8);
      utf8.writeBytes(plain());
    }
    return utf8.toByteArray();
  }

  private static boolean isAscii(byte[] bytes) {
    int all = 0;
    for (byte each : bytes) {
      all |= each;
    }
    return all >= 0;
  }

  /** Of a text, what stands for itself. */
  private static boolean isPlain(byte next) {
    return next != '"' && next != '\\' && (next < 0 || next >= ' ');
  }

  private void escape(ByteArrayOutputStream utf8) {
    byte kind = next();
    switch (kind) {
      case '"', '\\', '/' -> utf8.write(kind);
      case 'b' -> utf8.write('\b');
      case 'f' -> utf8.write('\f');
      case 'n' -> utf8.write('\n');
      case 'r' -> utf8.write('\r');
      case 't' -> utf8.write('\t');
      case 'u' -> {
        int codePoint = hex();
        if (Character.isHighSurrogate((char) codePoint)) {
          expect('\\');
          expect('u');
          int low = hex();
          if (!Character.isLowSurrogate((char) low)) {
            throw malformed("half a character");
          }
          codePoint = Character.toCodePoint((char) codePoint, (char) low);
        } else if (Character.isLowSurrogate((char) codePoint)) {
          throw malformed("half a character");
        }
        utf8.writeBytes(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
      }
      default -> throw malformed("an unknown escape");
    }
  }

  private int hex() {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit(next(), 16);
      if (digit < 0) {
        throw malformed("an unknown escape");
      }
      value = value << 4 | digit;
    }
    return value;
  }

  private void space() {
    while (at < in.length
        && (in[at] == ' ' || in[at] == '\t' || in[at] == '\n' || in[at] == '\r')) {
      at++;
    }
  }

  private byte peek() {
    if (at == in.length) {
      throw new ProtocolException(DECODE_TRUNCATED, "the JSON ends early");
    }
    return in[at];
  }

  private byte next() {
    byte next = peek();
    at++;
    return next;
  }

  private void expect(char expected) {
    if (next() != expected) {
      at--;
      throw malformed("no " + expected);
    }
  }

  private void enter(int depth) {
    if (depth > maxDepth) {
      throw new ProtocolException(
          DECODE_DEPTH, "more than " + maxDepth + " maps and lists inside one another");
    }
  }

  private void charge(int cost) {
    budget -= cost;
    if (budget < 0) {
      throw new ProtocolException(DECODE_BUDGET, "decoding takes more memory than allowed");
    }
  }

  private ProtocolException malformed(String what) {
    return new ProtocolException(DECODE_MALFORMED, what + " at byte " + at + " of the JSON");
  }
}
