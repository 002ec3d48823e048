package io.sluice.protocol.ipld;

import static io.sluice.protocol.ProtocolException.DECODE_SCHEMA;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Multibase;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** Writes nodes as dag-json. */
final class JsonWriter {
  /** From here on JavaScript, whose form of numbers this follows, writes exponents. */
  private static final double LARGE = 1e21;

  private static final double SMALL = 1e-6;

  /** So many digits tell every number from its neighbours. */
  private static final int MAX_DIGITS = 17;

  private final StringBuilder out;

  JsonWriter(StringBuilder out) {
    this.out = out;
  }

  void node(Node node) {
    switch (node) {
      case Node.Null ignored -> out.append("null");
      case Node.Bool bool -> out.append(bool.value());
      case Node.Int number -> out.append(number.value());
      case Node.Float number -> number(number.value());
      case Node.Text text -> text(text);
      case Node.Bytes bytes ->
          out.append("{\"/\":{\"bytes\":\"")
              .append(Multibase.BASE64.encodeBare(bytes.array()))
              .append("\"}}");
      case Node.List list -> list(list);
      case Node.Map map -> map(map);
      case Node.Link link -> out.append("{\"/\":\"").append(link.cid()).append("\"}");
    }
  }

  private void number(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      throw new ProtocolException(DECODE_SCHEMA, "dag-json has no " + value);
    }
    BigDecimal shortest = shortest(value);
    double size = Math.abs(value);
    if (size == 0 || (size >= SMALL && size < LARGE)) {
      String plain = (value == 0 && 1 / value < 0 ? "-" : "") + shortest.toPlainString();
      out.append(plain);
      if (plain.indexOf('.') < 0) {
        out.append(".0"); // else it would come back as a whole number
      }
    } else {
      String digits = shortest.unscaledValue().abs().toString();
      int exponent = digits.length() - 1 - shortest.scale();
      out.append(value < 0 ? "-" : "").append(digits.charAt(0));
      if (digits.length() > 1) {
        out.append('.').append(digits, 1, digits.length());
      }
      out.append('e').append(exponent < 0 ? "" : "+").append(exponent);
    }
  }

  /**
   * The fewest digits that are read back as the same number; the JDK's own text has two or more.
   */
  private static BigDecimal shortest(double value) {
    BigDecimal exact = new BigDecimal(value);
    for (int digits = 1; digits < MAX_DIGITS; digits++) {
      BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (rounded.doubleValue() == value) {
        return rounded.stripTrailingZeros();
      }
    }
    return exact.round(new MathContext(MAX_DIGITS, RoundingMode.HALF_EVEN)).stripTrailingZeros();
  }

  private void list(Node.List list) {
    out.append('[');
    String separator = "";
    for (Node item : list.items()) {
      out.append(separator);
      node(item);
      separator = ",";
    }
    out.append(']');
  }

  private void map(Node.Map map) {
    if (map.size() > 0 && map.find("/").isPresent() && looksReserved(map)) {
      throw new ProtocolException(
          DECODE_SCHEMA, "a map of one key / would be read as a link or bytes");
    }
    out.append('{');
    String[] separator = {""};
    map.entries().stream()
        .sorted((a, b) -> Arrays.compareUnsigned(a.getKey().raw(), b.getKey().raw()))
        .forEach(
            entry -> {
              out.append(separator[0]);
              text(entry.getKey());
              out.append(':');
              node(entry.getValue());
              separator[0] = ",";
            });
    out.append('}');
  }

  private static boolean looksReserved(Node.Map map) {
    return map.size() == 1
        && (map.value(0) instanceof Node.Text || map.value(0) instanceof Node.Map);
  }

  private void text(Node.Text text) {
    String string;
    try {
      string = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text.raw())).toString();
    } catch (CharacterCodingException e) {
      throw new ProtocolException(DECODE_SCHEMA, "dag-json has no text that is not UTF-8", e);
    }
    out.append('"');
    for (int i = 0; i < string.length(); i++) {
      character(string.charAt(i));
    }
    out.append('"');
  }

  private void character(char c) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\b' -> out.append("\\b");
      case '\f' -> out.append("\\f");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (c < ' ') {
          out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
        } else {
          out.append(c);
        }
      }
    }
  }
}
