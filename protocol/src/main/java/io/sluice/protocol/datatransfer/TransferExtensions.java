package io.sluice.protocol.datatransfer;

import io.sluice.protocol.ipld.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How messages travel inside GraphSync. Spec: data transfer 1.2.0, GraphSync extensions. The names
 * say 1.1 although the stream protocol is 1.2.0.
 */
public final class TransferExtensions {
  /** The usual name. */
  public static final String PLAIN = "fil/data-transfer/1.1";

  /**
   * The answer given while a request is validated; the same message also goes under {@link #PLAIN}.
   */
  public static final String INCOMING_REQUEST = "fil/data-transfer/incoming-request/1.1";

  /** What goes with a block, such as a demand; the same message also goes under {@link #PLAIN}. */
  public static final String OUTGOING_BLOCK = "fil/data-transfer/outgoing-block/1.1";

  private static final List<String> READING_ORDER =
      List.of(INCOMING_REQUEST, PLAIN, OUTGOING_BLOCK);

  private TransferExtensions() {}

  /** For requests, and for resumed responses. */
  public static Map<String, Node> plain(TransferMessage message) {
    return under(message, PLAIN);
  }

  /** For the answer to a request. */
  public static Map<String, Node> answering(TransferMessage message) {
    return under(message, PLAIN, INCOMING_REQUEST);
  }

  /** For a message that goes with a block, above all the one that says why no more come. */
  public static Map<String, Node> blockBound(TransferMessage message) {
    return under(message, PLAIN, OUTGOING_BLOCK);
  }

  /** For two such messages; the second is for peers of ours, the first is what others look for. */
  static Map<String, Node> blockBound(TransferMessage first, TransferMessage second) {
    Map<String, Node> extensions = under(first, PLAIN, OUTGOING_BLOCK);
    extensions.put(OUTGOING_BLOCK, TransferCodec.toNode(second));
    return extensions;
  }

  /**
   * The messages found among extensions, each once though it may stand under two names.
   *
   * @throws io.sluice.protocol.ProtocolException if something under one of the names is not a
   *     message
   */
  public static List<TransferMessage> read(Map<String, Node> extensions) {
    List<TransferMessage> messages = new ArrayList<>(1);
    for (String name : READING_ORDER) {
      Node node = extensions.get(name);
      if (node != null) {
        TransferMessage message = TransferCodec.fromNode(node);
        if (!messages.contains(message)) {
          messages.add(message);
        }
      }
    }
    return messages;
  }

  private static Map<String, Node> under(TransferMessage message, String... names) {
    Node node = TransferCodec.toNode(message);
    Map<String, Node> extensions = new LinkedHashMap<>();
    for (String name : names) {
      extensions.put(name, node);
    }
    return extensions;
  }
}
