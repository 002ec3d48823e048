package io.sluice.fsm.transfer;

import io.sluice.fsm.DataCodec;
import io.sluice.fsm.transfer.TransferInput.Finalization;
import io.sluice.fsm.transfer.TransferInput.Given;
import io.sluice.fsm.transfer.TransferInput.Limit;
import io.sluice.fsm.transfer.TransferInput.Nothing;
import io.sluice.fsm.transfer.TransferInput.Progress;
import io.sluice.fsm.transfer.TransferInput.Reason;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.Node;

/** Inputs as maps with one key, which names the kind; nothing is null. */
final class TransferInputCodec implements DataCodec<TransferInput> {

  @Override
  public Node encode(TransferInput input) {
    return switch (input) {
      case Nothing nothing -> Node.ofNull();
      case Reason reason -> Node.map().put("reason", reason.text()).build();
      case Progress progress ->
          Node.map()
              .put("progress", Node.list(Node.of(progress.bytes()), Node.of(progress.blocks())))
              .build();
      case Given given -> Node.map().put("given", encode(given.voucher())).build();
      case Limit limit -> Node.map().put("limit", limit.bytes()).build();
      case Finalization finalization ->
          Node.map().put("finalization", finalization.required()).build();
    };
  }

  @Override
  public TransferInput decode(Node node) {
    if (node.isNull()) {
      return new Nothing();
    }
    if (node.asMap().size() != 1) {
      throw new ProtocolException(ProtocolException.DECODE_SCHEMA, "not a transfer input");
    }
    String kind = node.asMap().key(0).string();
    Node value = node.asMap().value(0);
    return switch (kind) {
      case "reason" -> new Reason(value.asText());
      case "progress" -> {
        if (value.asList().size() != 2) {
          throw new ProtocolException(ProtocolException.DECODE_SCHEMA, "progress of two numbers");
        }
        yield new Progress(
            value.asList().get(0).asUnsignedLong(), value.asList().get(1).asUnsignedLong());
      }
      case "given" -> new Given(voucher(value));
      case "limit" -> new Limit(value.asLong());
      case "finalization" -> new Finalization(value.asBoolean());
      default ->
          throw new ProtocolException(ProtocolException.DECODE_SCHEMA, "no transfer input " + kind);
    };
  }

  static Node encode(TypedVoucher voucher) {
    return Node.map().put("type", voucher.type()).put("value", voucher.value()).build();
  }

  static TypedVoucher voucher(Node node) {
    return new TypedVoucher(node.get("type").asText(), node.get("value"));
  }
}
