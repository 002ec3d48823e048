package io.sluice.protocol.datatransfer;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.Node;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;

/**
 * Messages as dag-cbor maps. All keys are always written, in canonical order; read in any order,
 * since older Go peers write them as declared. Spec: data transfer 1.2.0, message schema.
 */
public final class TransferCodec {

  private static final Set<String> MESSAGE = Set.of("IsRq", "Request", "Response");
  private static final Set<String> REQUEST =
      Set.of(
          "BCid",
          "Type",
          "Paus",
          "Part",
          "Pull",
          "Stor",
          "Vouch",
          "VTyp",
          "XferID",
          "RestartChannel");
  private static final Set<String> RESPONSE =
      Set.of("Type", "Acpt", "Paus", "XferID", "VRes", "VTyp");

  private TransferCodec() {}

  /** The bytes on a stream. */
  public static byte[] encode(TransferMessage message) {
    return DagCbor.encode(toNode(message));
  }

  /**
   * Reads what fills the buffer.
   *
   * @throws ProtocolException if it is no message
   */
  public static TransferMessage decode(ByteBuffer bytes) {
    return fromNode(DagCbor.decode(bytes, Limits.MESSAGE));
  }

  /** Reads the message at the position of the buffer, and moves it behind. */
  static TransferMessage decodePrefix(ByteBuffer bytes) {
    return fromNode(DagCbor.decodePrefix(bytes, Limits.MESSAGE));
  }

  /** The inline form, as in a GraphSync extension. */
  public static Node toNode(TransferMessage message) {
    return switch (message) {
      case TransferRequest request ->
          Node.map()
              .put("IsRq", true)
              .put("Request", node(request))
              .put("Response", Node.ofNull())
              .build();
      case TransferResponse response ->
          Node.map()
              .put("IsRq", false)
              .put("Request", Node.ofNull())
              .put("Response", node(response))
              .build();
    };
  }

  /**
   * Reads the inline form.
   *
   * @throws ProtocolException if it is no message: keys are missing or unknown, or values are not
   *     of their kind
   */
  public static TransferMessage fromNode(Node node) {
    Node.Map map = fields(node, MESSAGE);
    return map.get("IsRq").asBoolean()
        ? request(map.get("Request"))
        : response(map.get("Response"));
  }

  private static Node node(TransferRequest request) {
    return Node.map()
        .put("BCid", request.baseCid().<Node>map(Node::of).orElse(Node.ofNull()))
        .put("Type", request.type().code())
        .put("Paus", request.paused())
        .put("Part", request.partial())
        .put("Pull", request.pull())
        .put("Stor", request.selector().orElse(Node.ofNull()))
        .put("Vouch", request.voucher().map(TypedVoucher::value).orElse(Node.ofNull()))
        .put("VTyp", request.voucher().map(TypedVoucher::type).orElse(""))
        .put("XferID", ChannelId.number(request.transfer()))
        .put(
            "RestartChannel",
            request.restart().map(ChannelId::node).orElseGet(ChannelId::emptyNode))
        .build();
  }

  private static Node node(TransferResponse response) {
    return Node.map()
        .put("Type", response.type().code())
        .put("Acpt", response.accepted())
        .put("Paus", response.paused())
        .put("XferID", ChannelId.number(response.transfer()))
        .put("VRes", response.result().map(TypedVoucher::value).orElse(Node.ofNull()))
        .put("VTyp", response.result().map(TypedVoucher::type).orElse(""))
        .build();
  }

  private static TransferRequest request(Node node) {
    Node.Map map = fields(node, REQUEST);
    Node channel = map.get("RestartChannel");
    return new TransferRequest(
        MessageType.ofCode(map.get("Type").asLong()),
        present(map, "BCid").map(Node::asLink),
        map.get("Paus").asBoolean(),
        map.get("Part").asBoolean(),
        map.get("Pull").asBoolean(),
        present(map, "Stor"),
        voucher(map, "Vouch"),
        ChannelId.number(map.get("XferID")),
        ChannelId.isEmpty(channel) ? Optional.empty() : Optional.of(ChannelId.of(channel)));
  }

  private static TransferResponse response(Node node) {
    Node.Map map = fields(node, RESPONSE);
    return new TransferResponse(
        MessageType.ofCode(map.get("Type").asLong()),
        map.get("Acpt").asBoolean(),
        map.get("Paus").asBoolean(),
        ChannelId.number(map.get("XferID")),
        voucher(map, "VRes"));
  }

  /** None where both the value is null and the type empty. */
  private static Optional<TypedVoucher> voucher(Node.Map map, String valueKey) {
    Node value = map.get(valueKey);
    String type = map.get("VTyp").asText();
    return value.isNull() && type.isEmpty()
        ? Optional.empty()
        : Optional.of(new TypedVoucher(type, value));
  }

  private static Optional<Node> present(Node.Map map, String key) {
    Node value = map.get(key);
    return value.isNull() ? Optional.empty() : Optional.of(value);
  }

  private static Node.Map fields(Node node, Set<String> known) {
    Node.Map map = node.asMap();
    for (int entry = 0; entry < map.size(); entry++) {
      if (!known.contains(map.key(entry).string())) {
        throw new ProtocolException(
            ProtocolException.DECODE_SCHEMA, "unknown key " + map.key(entry).string());
      }
    }
    return map;
  }
}
