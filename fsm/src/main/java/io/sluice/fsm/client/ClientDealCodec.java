package io.sluice.fsm.client;

import static io.sluice.protocol.ipld.NodeCodec.MILLIS;
import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;

import io.sluice.fsm.LeftOut;
import io.sluice.fsm.client.ClientInput.At;
import io.sluice.fsm.client.ClientInput.Funded;
import io.sluice.fsm.client.ClientInput.Going;
import io.sluice.fsm.client.ClientInput.Signed;
import io.sluice.fsm.client.ClientInput.Stopped;
import io.sluice.fsm.client.ClientInput.Verified;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.Offer;
import java.time.Instant;

/** How a client's deal and the inputs of its events are stored: version 1 of both. */
final class ClientDealCodec {

  static final NodeCodec<ClientDeal> DEAL =
      new NodeCodec<>() {
        @Override
        public Node encode(ClientDeal deal) {
          return Node.map()
              .put("Provider", deal.provider().bytes())
              .put(
                  "Addresses",
                  Node.list(deal.addresses().stream().map(a -> Node.of(a.bytes())).toList()))
              .put("ID", deal.id())
              .put("Root", deal.root())
              .put("Selector", deal.selector())
              .put("Transfer", deal.transfer())
              .put("LeftOut", deal.leftOut().toNode())
              .put("Offer", deal.offer().map(Offer::toNode))
              .put("Budget", deal.budget().bytes())
              .put("Lane", deal.lane().map(ClientDealCodec::lane))
              .put("Signed", deal.signed().bytes())
              .put("Nonce", deal.nonce())
              .put("Vouchers", deal.vouchers())
              .put("Charged", deal.charged())
              .put("Received", deal.received())
              .put("Position", deal.position())
              .put("Retries", deal.retries())
              .put("Answered", deal.answered())
              .put("Reason", deal.reason())
              .put("Message", deal.message())
              .put("Started", deal.started().toEpochMilli())
              .put("Since", deal.since().toEpochMilli())
              .put("Ended", deal.ended().map(at -> Node.of(at.toEpochMilli())))
              .build();
        }

        @Override
        public ClientDeal decode(Node node) {
          return new ClientDeal(
              PeerId.of(node.get("Provider").asByteArray()),
              node.get("Addresses").asList().stream()
                  .map(address -> Multiaddr.of(address.asByteArray()))
                  .toList(),
              node.get("ID").asLong(),
              node.get("Root").asLink(),
              node.get("Selector"),
              node.get("Transfer").asLong(),
              LeftOut.of(node.get("LeftOut")),
              node.find("Offer").map(Offer::of),
              AMOUNT.decode(node.get("Budget")),
              node.find("Lane").map(ClientDealCodec::lane),
              AMOUNT.decode(node.get("Signed")),
              node.get("Nonce").asLong(),
              node.get("Vouchers").asLong(),
              node.get("Charged").asLong(),
              node.get("Received").asLong(),
              node.get("Position").asLong(),
              node.get("Retries").asLong(),
              node.get("Answered").asBoolean(),
              node.get("Reason").asText(),
              node.get("Message").asText(),
              MILLIS.decode(node.get("Started")),
              MILLIS.decode(node.get("Since")),
              node.find("Ended").map(MILLIS::decode));
        }
      };

  static final NodeCodec<ClientInput> INPUT =
      new NodeCodec<>() {
        @Override
        public Node encode(ClientInput input) {
          Node.MapBuilder map = Node.map().put("At", input.at().toEpochMilli());
          return switch (input) {
            case At at -> map.put("Kind", "at").build();
            case Funded funded ->
                map.put("Kind", "funded").put("Lane", lane(funded.lane())).build();
            case Verified verified ->
                map.put("Kind", "verified")
                    .put("Charged", verified.charged())
                    .put("Received", verified.received())
                    .put("Position", verified.position())
                    .build();
            case Signed signed ->
                map.put("Kind", "signed")
                    .put("Amount", signed.amount().bytes())
                    .put("Nonce", signed.nonce())
                    .put("Bytes", signed.bytes())
                    .build();
            case Going going -> map.put("Kind", "going").put("Transfer", going.transfer()).build();
            case Stopped stopped ->
                map.put("Kind", "stopped")
                    .put("Reason", stopped.reason())
                    .put("Message", stopped.message())
                    .build();
          };
        }

        @Override
        public ClientInput decode(Node node) {
          Instant at = MILLIS.decode(node.get("At"));
          String kind = node.get("Kind").asText();
          return switch (kind) {
            case "at" -> new At(at);
            case "funded" -> new Funded(at, lane(node.get("Lane")));
            case "verified" ->
                new Verified(
                    at,
                    node.get("Charged").asLong(),
                    node.get("Received").asLong(),
                    node.get("Position").asLong());
            case "signed" ->
                new Signed(
                    at,
                    AMOUNT.decode(node.get("Amount")),
                    node.get("Nonce").asLong(),
                    node.get("Bytes").asLong());
            case "going" -> new Going(at, node.get("Transfer").asLong());
            case "stopped" ->
                new Stopped(at, node.get("Reason").asText(), node.get("Message").asText());
            default -> throw new ProtocolException("BAD_RECORD", "unknown input: " + kind);
          };
        }
      };

  private ClientDealCodec() {}

  private static Node lane(PaidFrom lane) {
    return Node.map()
        .put("Opening", lane.opening().toNode())
        .put("Base", lane.base().bytes())
        .build();
  }

  private static PaidFrom lane(Node node) {
    return new PaidFrom(DealOpening.of(node.get("Opening")), AMOUNT.decode(node.get("Base")));
  }
}
