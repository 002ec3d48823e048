package io.sluice.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the JSON files of the test vectors: maps, lists, strings, numbers, booleans and null. */
public final class TestJson {

  private final String text;
  private int at;

  private TestJson(String text) {
    this.text = text;
  }

  /** A test resource beside the class. */
  public static byte[] resource(Class<?> beside, String name) {
    try (InputStream in = beside.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("no resource " + name + " beside " + beside);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A test resource that is one object. */
  public static Map<String, Object> read(Class<?> beside, String name) {
    return map(parse(new String(resource(beside, name), StandardCharsets.UTF_8)));
  }

  /** A test resource with an object in each line. */
  public static List<Map<String, Object>> readLines(Class<?> beside, String name) {
    return new String(resource(beside, name), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.isBlank())
        .map(line -> map(parse(line)))
        .toList();
  }

  /** The value of a text. */
  public static Object parse(String text) {
    return new TestJson(text).value();
  }

  /** An object. */
  @SuppressWarnings("unchecked")
  public static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  /** A list. */
  @SuppressWarnings("unchecked")
  public static List<Object> list(Object value) {
    return (List<Object>) value;
  }

  /** Bytes written as hex. */
  public static byte[] hex(Object value) {
    return HexFormat.of().parseHex((String) value);
  }

  private Object value() {
    skip();
    char first = text.charAt(at);
    return switch (first) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", null);
      default -> number();
    };
  }

  private Map<String, Object> object() {
    Map<String, Object> entries = new LinkedHashMap<>();
    at++;
    while (!closes('}')) {
      skip();
      String key = string();
      skip();
      at++; // the colon
      entries.put(key, value());
    }
    return entries;
  }

  private List<Object> array() {
    List<Object> items = new ArrayList<>();
    at++;
    while (!closes(']')) {
      items.add(value());
    }
    return items;
  }

  private boolean closes(char end) {
    skip();
    if (text.charAt(at) == ',') {
      at++;
      skip();
    }
    if (text.charAt(at) == end) {
      at++;
      return true;
    }
    return false;
  }

  private String string() {
    StringBuilder out = new StringBuilder();
    at++;
    for (char next = text.charAt(at); next != '"'; next = text.charAt(at)) {
      at++;
      if (next == '\\') {
        next = text.charAt(at++);
        switch (next) {
          case 'n' -> out.append('\n');
          case 't' -> out.append('\t');
          case 'u' -> {
            out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
            at += 4;
          }
          default -> out.append(next);
        }
      } else {
        out.append(next);
      }
    }
    at++;
    return out.toString();
  }

  private Object number() {
    int from = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return new BigDecimal(text.substring(from, at));
  }

  private Object word(String word, Object value) {
    at += word.length();
    return value;
  }

  private void skip() {
    while (Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }
}
