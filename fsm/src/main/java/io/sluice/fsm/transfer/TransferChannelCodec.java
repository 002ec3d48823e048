package io.sluice.fsm.transfer;

import io.sluice.fsm.DataCodec;
import io.sluice.fsm.transfer.TransferChannel.Exchanged;
import io.sluice.fsm.transfer.TransferChannel.Opening;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.PeerId;

/** Transfer channels as they are stored. */
final class TransferChannelCodec implements DataCodec<TransferChannel> {

  @Override
  public Node encode(TransferChannel channel) {
    return Node.map()
        .put("opening", encode(channel.opening()))
        .put("queued", encode(channel.queued()))
        .put("sent", encode(channel.sent()))
        .put("received", encode(channel.received()))
        .put("limit", channel.dataLimit())
        .put("finalization", channel.requiresFinalization())
        .put("initiatorPaused", channel.initiatorPaused())
        .put("responderPaused", channel.responderPaused())
        .put("vouchers", encode(channel.vouchers()))
        .put("results", encode(channel.results()))
        .put("message", channel.message())
        .build();
  }

  @Override
  public TransferChannel decode(Node node) {
    return new TransferChannel(
        opening(node.get("opening")),
        flow(node.get("queued")),
        flow(node.get("sent")),
        flow(node.get("received")),
        node.get("limit").asLong(),
        node.get("finalization").asBoolean(),
        node.get("initiatorPaused").asBoolean(),
        node.get("responderPaused").asBoolean(),
        exchanged(node.get("vouchers")),
        exchanged(node.get("results")),
        node.get("message").asText());
  }

  private static Node encode(Opening opening) {
    return Node.map()
        .put("initiator", opening.id().initiator().bytes())
        .put("responder", opening.id().responder().bytes())
        // Unsigned on the wire, but only its bits matter here.
        .put("transfer", opening.id().transfer())
        .put("initiated", opening.initiated())
        .put("pull", opening.pull())
        .put("root", opening.root())
        .put("selector", opening.selector())
        .put("voucher", TransferInputCodec.encode(opening.voucher()))
        .build();
  }

  private static Opening opening(Node node) {
    return new Opening(
        new ChannelId(
            PeerId.of(node.get("initiator").asByteArray()),
            PeerId.of(node.get("responder").asByteArray()),
            node.get("transfer").asLong()),
        node.get("initiated").asBoolean(),
        node.get("pull").asBoolean(),
        node.get("root").asLink(),
        node.get("selector"),
        TransferInputCodec.voucher(node.get("voucher")));
  }

  private static Node encode(Flow flow) {
    return Node.map().put("bytes", flow.bytes()).put("blocks", flow.blocks()).build();
  }

  private static Flow flow(Node node) {
    return new Flow(node.get("bytes").asLong(), node.get("blocks").asLong());
  }

  private static Node encode(Exchanged exchanged) {
    return Node.map()
        .put("count", exchanged.count())
        .put("last", exchanged.last().map(TransferInputCodec::encode))
        .build();
  }

  private static Exchanged exchanged(Node node) {
    return new Exchanged(
        node.get("count").asLong(), node.find("last").map(TransferInputCodec::voucher));
  }
}
