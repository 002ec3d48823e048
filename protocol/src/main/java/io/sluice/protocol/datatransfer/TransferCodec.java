package io.sluice.protocol.datatransfer;

import static io.sluice.protocol.ipld.NodeCodec.ANY;
import static io.sluice.protocol.ipld.NodeCodec.BOOL;
import static io.sluice.protocol.ipld.NodeCodec.LINK;
import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Messages as dag-cbor maps. All keys are always written, in canonical order; read in any order,
 * since older Go peers write them as declared. Spec: data transfer 1.2.0, message schema.
 */
public final class TransferCodec {
  private static final Set<String> MESSAGE = Set.of("IsRq", "Request", "Response");
  private static final NodeCodec<MessageType> TYPE =
      LONG.as(MessageType::ofCode, type -> (long) type.code());
  private static final NodeCodec<Long> TRANSFER =
      NodeCodec.of(ChannelId::number, ChannelId::number);
  private static final NodeCodec<Optional<ChannelId>> CHANNEL =
      NodeCodec.of(
          channel -> channel.map(ChannelId::node).orElseGet(ChannelId::emptyNode),
          node -> ChannelId.isEmpty(node) ? Optional.empty() : Optional.of(ChannelId.of(node)));

  private static final MapCodec<TransferRequest> REQUEST =
      MapCodec.<TransferRequest>of(
              f ->
                  new TransferRequest(
                      f.get("Type", TYPE, TransferRequest::type),
                      f.findOrNull("BCid", LINK, TransferRequest::baseCid),
                      f.get("Paus", BOOL, TransferRequest::paused),
                      f.get("Part", BOOL, TransferRequest::partial),
                      f.get("Pull", BOOL, TransferRequest::pull),
                      f.findOrNull("Stor", ANY, TransferRequest::selector),
                      voucher(f, "Vouch", TransferRequest::voucher),
                      f.get("XferID", TRANSFER, TransferRequest::transfer),
                      f.get("RestartChannel", CHANNEL, TransferRequest::restart)))
          .strict();

  private static final MapCodec<TransferResponse> RESPONSE =
      MapCodec.<TransferResponse>of(
              f ->
                  new TransferResponse(
                      f.get("Type", TYPE, TransferResponse::type),
                      f.get("Acpt", BOOL, TransferResponse::accepted),
                      f.get("Paus", BOOL, TransferResponse::paused),
                      f.get("XferID", TRANSFER, TransferResponse::transfer),
                      voucher(f, "VRes", TransferResponse::result)))
          .strict();

  private TransferCodec() {}

  /** The bytes on a stream. */
  public static byte[] encode(TransferMessage message) {
    return DagCbor.encode(toNode(message));
  }

  /**
   * Reads what fills the buffer.
   *
   * @throws ProtocolException if it is not a message
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
              .put("Request", REQUEST.encode(request))
              .put("Response", Node.ofNull())
              .build();
      case TransferResponse response ->
          Node.map()
              .put("IsRq", false)
              .put("Request", Node.ofNull())
              .put("Response", RESPONSE.encode(response))
              .build();
    };
  }

  /**
   * Reads the inline form.
   *
   * @throws ProtocolException if it is not a message: keys are missing or unknown, or values are
   *     not of their kind
   */
  public static TransferMessage fromNode(Node node) {
    Node.Map map = node.asMap();
    for (int entry = 0; entry < map.size(); entry++) {
      if (!MESSAGE.contains(map.key(entry).string())) {
        throw new ProtocolException(
            ProtocolException.DECODE_SCHEMA, "unknown key " + map.key(entry).string());
      }
    }
    return map.get("IsRq").asBoolean()
        ? REQUEST.decode(map.get("Request"))
        : RESPONSE.decode(map.get("Response"));
  }

  /** Value and type in fields of their own; none where the value is null and the type empty. */
  private static <T> Optional<TypedVoucher> voucher(
      MapCodec.Fields<T> f, String valueKey, Function<T, Optional<TypedVoucher>> accessor) {
    Node value =
        f.get(
            valueKey,
            ANY,
            message -> accessor.apply(message).map(TypedVoucher::value).orElse(Node.ofNull()));
    String type =
        f.get("VTyp", TEXT, message -> accessor.apply(message).map(TypedVoucher::type).orElse(""));
    return value.isNull() && type.isEmpty()
        ? Optional.empty()
        : Optional.of(new TypedVoucher(type, value));
  }
}
