package io.sluice.protocol.retrieval;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Node;
import java.util.Optional;
import java.util.function.Function;

/** Reads the typed fields that the money messages are made of. */
final class Fields {
  private static final int MAX_TEXT_BYTES = 1024;

  private Fields() {}

  static <T> Optional<T> optional(Node map, String key, Function<Node, T> reader) {
    return map.findNonNull(key).map(reader);
  }

  static TokenAmount amount(Node map, String key) {
    return amount(map.get(key));
  }

  static TokenAmount amount(Node node) {
    return TokenAmount.ofBytes(node.asByteArray());
  }

  static TokenAmount filecoinAmount(Node map, String key) {
    return TokenAmount.ofSignedBytes(map.get(key).asByteArray());
  }

  static EvmAddress address(Node map, String key) {
    return EvmAddress.of(map.get(key).asByteArray());
  }

  static Bytes32 hash(Node map, String key) {
    return Bytes32.of(map.get(key).asByteArray());
  }

  /** A whole number from 0 to 2^63 - 1. */
  static long count(Node map, String key) {
    return count(map.get(key));
  }

  static long count(Node node) {
    long value = node.asLong();
    if (value < 0) {
      throw new ProtocolException("BAD_COUNT", "negative count " + value);
    }
    return value;
  }

  /** A text a person may see: cut at 1 KiB, control characters replaced. */
  static String text(Node map, String key) {
    return text(map.get(key));
  }

  static String text(Node node) {
    String text = node.asText();
    String cut = text.length() > MAX_TEXT_BYTES ? text.substring(0, MAX_TEXT_BYTES) : text;
    return cut.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
  }

  static Signature signature(Node map) {
    return Signature.of(map.get("Signature").asByteArray());
  }
}
