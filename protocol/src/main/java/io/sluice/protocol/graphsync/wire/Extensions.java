package io.sluice.protocol.graphsync.wire;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The extensions that GraphSync itself defines, and the reading of their payloads. */
public final class Extensions {
  /** Links whose bytes the requestor does not want; a list of links. */
  public static final String DO_NOT_SEND_CIDS = "graphsync/do-not-send-cids";

  /** How many visits from the beginning shall bring no bytes; an integer. */
  public static final String DO_NOT_SEND_FIRST_BLOCKS = "graphsync/do-not-send-first-blocks";

  /** Blocks are left out as already sent only among requests that carry the same key; a text. */
  public static final String DEDUP_BY_KEY = "graphsync/dedup-by-key";

  /** Where protocol 1.0.0 keeps the metadata of a response. */
  static final String RESPONSE_METADATA = "graphsync/response-metadata";

  private Extensions() {}

  /** The CIDs of do-not-send-cids; empty where it is absent. */
  public static List<Cid> doNotSend(Map<String, Node> extensions) {
    Node node = extensions.get(DO_NOT_SEND_CIDS);
    if (node == null) {
      return List.of();
    }
    return node.asList().stream().map(Node::asLink).toList();
  }

  /** The count of do-not-send-first-blocks, if it is there. */
  public static OptionalLong skipFirst(Map<String, Node> extensions) {
    Node node = extensions.get(DO_NOT_SEND_FIRST_BLOCKS);
    if (node == null) {
      return OptionalLong.empty();
    }
    long count = node.asLong();
    if (count < 0) {
      throw Malformed.message(DO_NOT_SEND_FIRST_BLOCKS + " of " + count);
    }
    return OptionalLong.of(count);
  }

  /** The key of dedup-by-key, if it is there. */
  public static Optional<String> dedupKey(Map<String, Node> extensions) {
    return Optional.ofNullable(extensions.get(DEDUP_BY_KEY)).map(Node::asText);
  }

  /** An unmodifiable copy in the same order. */
  public static Map<String, Node> copyOf(Map<String, Node> extensions) {
    return extensions.isEmpty()
        ? Map.of()
        : Collections.unmodifiableMap(new LinkedHashMap<>(extensions));
  }
}
