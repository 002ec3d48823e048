package io.sluice.fsm.provider;

import static io.sluice.protocol.ipld.NodeCodec.MILLIS;
import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;

import io.sluice.fsm.LeftOut;
import io.sluice.fsm.provider.ProviderInput.At;
import io.sluice.fsm.provider.ProviderInput.Opened;
import io.sluice.fsm.provider.ProviderInput.Paid;
import io.sluice.fsm.provider.ProviderInput.Restarted;
import io.sluice.fsm.provider.ProviderInput.Sent;
import io.sluice.fsm.provider.ProviderInput.Stopped;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Terms;
import java.math.BigInteger;
import java.time.Instant;

/** How a provider's deal and the inputs of its events are stored: version 1 of both. */
final class ProviderDealCodec {

  static final NodeCodec<ProviderDeal> DEAL =
      new NodeCodec<>() {
        @Override
        public Node encode(ProviderDeal deal) {
          return Node.map()
              .put("Peer", deal.peer().bytes())
              .put("ID", deal.id())
              .put("Root", deal.root())
              .put("Selector", deal.selector())
              .put("Transfer", unsigned(deal.transfer()))
              .put("LeftOut", deal.leftOut().toNode())
              .put("Paid", deal.paid())
              .put("Terms", deal.terms().map(Terms::toNode))
              .put("Lane", deal.lane().map(ProviderDealCodec::lane))
              .put("Credit", deal.credit().bytes())
              .put("Nonce", deal.nonce())
              .put("Vouchers", deal.vouchers())
              .put("Charged", deal.charged())
              .put("Position", deal.position())
              .put("Restarts", deal.restarts())
              .put("Reason", deal.reason())
              .put("Message", deal.message())
              .put("Started", deal.started().toEpochMilli())
              .put("Since", deal.since().toEpochMilli())
              .put("Ended", deal.ended().map(at -> Node.of(at.toEpochMilli())))
              .build();
        }

        @Override
        public ProviderDeal decode(Node node) {
          return new ProviderDeal(
              PeerId.of(node.get("Peer").asByteArray()),
              node.get("ID").asLong(),
              node.get("Root").asLink(),
              node.get("Selector"),
              unsigned(node.get("Transfer")),
              LeftOut.of(node.get("LeftOut")),
              node.get("Paid").asBoolean(),
              node.find("Terms").map(Terms::of),
              node.find("Lane").map(ProviderDealCodec::lane),
              AMOUNT.decode(node.get("Credit")),
              node.get("Nonce").asLong(),
              node.get("Vouchers").asLong(),
              node.get("Charged").asLong(),
              node.get("Position").asLong(),
              node.get("Restarts").asLong(),
              node.get("Reason").asText(),
              node.get("Message").asText(),
              MILLIS.decode(node.get("Started")),
              MILLIS.decode(node.get("Since")),
              node.find("Ended").map(MILLIS::decode));
        }
      };

  static final NodeCodec<ProviderInput> INPUT =
      new NodeCodec<>() {
        @Override
        public Node encode(ProviderInput input) {
          Node.MapBuilder map = Node.map().put("At", input.at().toEpochMilli());
          return switch (input) {
            case At at -> map.put("Kind", "at").build();
            case Opened opened ->
                map.put("Kind", "opened")
                    .put("Terms", opened.terms().toNode())
                    .put("Lane", lane(opened.lane()))
                    .build();
            case Sent sent -> map.put("Kind", "sent").put("Charged", sent.charged()).build();
            case Paid paid ->
                map.put("Kind", "paid")
                    .put("Credit", paid.credit().bytes())
                    .put("Nonce", paid.nonce())
                    .put("Vouchers", paid.vouchers())
                    .build();
            case Restarted restarted ->
                map.put("Kind", "restarted")
                    .put("Transfer", unsigned(restarted.transfer()))
                    .put("Position", restarted.position())
                    .build();
            case Stopped stopped ->
                map.put("Kind", "stopped")
                    .put("Charged", stopped.charged())
                    .put("Reason", stopped.reason())
                    .put("Message", stopped.message())
                    .build();
          };
        }

        @Override
        public ProviderInput decode(Node node) {
          Instant at = MILLIS.decode(node.get("At"));
          String kind = node.get("Kind").asText();
          return switch (kind) {
            case "at" -> new At(at);
            case "opened" -> new Opened(at, Terms.of(node.get("Terms")), lane(node.get("Lane")));
            case "sent" -> new Sent(at, node.get("Charged").asLong());
            case "paid" ->
                new Paid(
                    at,
                    AMOUNT.decode(node.get("Credit")),
                    node.get("Nonce").asLong(),
                    node.get("Vouchers").asLong());
            case "restarted" ->
                new Restarted(at, unsigned(node.get("Transfer")), node.get("Position").asLong());
            case "stopped" ->
                new Stopped(
                    at,
                    node.get("Charged").asLong(),
                    node.get("Reason").asText(),
                    node.get("Message").asText());
            default -> throw new ProtocolException("BAD_RECORD", "unknown input: " + kind);
          };
        }
      };

  private ProviderDealCodec() {}

  private static Node lane(PaidOn lane) {
    return Node.map()
        .put("Payee", lane.payee().toNode())
        .put("Channel", lane.channel().bytes())
        .put("Lane", lane.lane())
        .put("Base", lane.base().bytes())
        .put("Payer", lane.payer().bytes())
        .put("Opening", lane.opening().bytes())
        .build();
  }

  private static PaidOn lane(Node node) {
    return new PaidOn(
        Payee.of(node.get("Payee")),
        Bytes32.of(node.get("Channel").asByteArray()),
        node.get("Lane").asLong(),
        AMOUNT.decode(node.get("Base")),
        EvmAddress.of(node.get("Payer").asByteArray()),
        Bytes32.of(node.get("Opening").asByteArray()));
  }

  private static long unsigned(Node node) {
    return node.asBigInteger().longValue();
  }

  private static Node unsigned(long value) {
    return Node.of(new BigInteger(Long.toUnsignedString(value)));
  }
}
