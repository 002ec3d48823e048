package io.sluice.payments;

import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;

/** The stored form of payment records, version 1. */
final class PaymentRecordCodec {
  private PaymentRecordCodec() {}

  static String kind(PaymentRecord record) {
    return switch (record) {
      case PaymentRecord.IntentPlanned r -> "intent-planned";
      case PaymentRecord.IntentEnded r -> "intent-ended";
      case PaymentRecord.FundsAsked r -> "funds-asked";
      case PaymentRecord.LaneTaken r -> "lane-taken";
      case PaymentRecord.VoucherGiven r -> "voucher-given";
      case PaymentRecord.VoucherAdopted r -> "voucher-adopted";
      case PaymentRecord.DealLeft r -> "deal-left";
      case PaymentRecord.DealBound r -> "deal-bound";
      case PaymentRecord.VoucherTaken r -> "voucher-taken";
      case PaymentRecord.DealEnded r -> "deal-ended";
    };
  }

  static Node encode(PaymentRecord record) {
    Node.MapBuilder map = Node.map();
    switch (record) {
      case PaymentRecord.IntentPlanned r ->
          domain(map, r.domain()).put("Intent", r.intent().toNode());
      case PaymentRecord.IntentEnded r ->
          map.put("ID", r.id().value()).put("Refused", r.refused().map(Node::of));
      case PaymentRecord.FundsAsked r ->
          map.put("Deal", r.deal().value())
              .put("Channel", r.channel().bytes())
              .put("Amount", r.amount().bytes());
      case PaymentRecord.LaneTaken r ->
          map.put("Deal", r.deal().value())
              .put("Channel", r.channel().bytes())
              .put("Lane", r.lane())
              .put("Base", r.base().bytes())
              .put("Budget", r.budget().bytes());
      case PaymentRecord.VoucherGiven r ->
          map.put("Deal", r.deal().value()).put("Voucher", r.voucher().toNode());
      case PaymentRecord.VoucherAdopted r ->
          map.put("Deal", r.deal().value()).put("Voucher", r.voucher().toNode());
      case PaymentRecord.DealLeft r -> map.put("Deal", r.deal().value());
      case PaymentRecord.DealBound r ->
          domain(map, r.domain())
              .put("Deal", r.deal().value())
              .put("Channel", r.channel().bytes())
              .put("Lane", r.lane())
              .put("Base", r.base().bytes())
              .put("Payer", r.payer().bytes())
              .put("Signer", r.signer().bytes())
              .put("Terms", Terms.CODEC.encode(r.terms()))
              .put("Best", r.best().map(SignedVoucher::toNode));
      case PaymentRecord.VoucherTaken r ->
          map.put("Deal", r.deal().value())
              .put("Voucher", r.voucher().toNode())
              .put("Counted", r.credit().bytes())
              .put("Time", r.time().map(time -> Node.of(time.getEpochSecond())));
      case PaymentRecord.DealEnded r ->
          map.put("Deal", r.deal().value())
              .put("Charged", r.charged())
              .put("Time", r.time().getEpochSecond());
    }
    return map.build();
  }

  static PaymentRecord decode(String kind, Node node) {
    return switch (kind) {
      case "intent-planned" ->
          new PaymentRecord.IntentPlanned(domain(node), Intent.of(node.get("Intent")));
      case "intent-ended" ->
          new PaymentRecord.IntentEnded(
              new IntentId(node.get("ID").asText()), node.find("Refused").map(Node::asText));
      case "funds-asked" ->
          new PaymentRecord.FundsAsked(deal(node), channel(node), amount(node, "Amount"));
      case "lane-taken" ->
          new PaymentRecord.LaneTaken(
              deal(node),
              channel(node),
              node.get("Lane").asLong(),
              amount(node, "Base"),
              amount(node, "Budget"));
      case "voucher-given" -> new PaymentRecord.VoucherGiven(deal(node), voucher(node));
      case "voucher-adopted" -> new PaymentRecord.VoucherAdopted(deal(node), voucher(node));
      case "deal-left" -> new PaymentRecord.DealLeft(deal(node));
      case "deal-bound" ->
          new PaymentRecord.DealBound(
              deal(node),
              domain(node),
              channel(node),
              node.get("Lane").asLong(),
              amount(node, "Base"),
              EvmAddress.of(node.get("Payer").asByteArray()),
              EvmAddress.of(node.get("Signer").asByteArray()),
              Terms.CODEC.decode(node.get("Terms")),
              node.find("Best").map(SignedVoucher::of));
      case "voucher-taken" ->
          new PaymentRecord.VoucherTaken(
              deal(node),
              voucher(node),
              amount(node, "Counted"),
              node.find("Time").map(time -> Instant.ofEpochSecond(time.asLong())));
      case "deal-ended" ->
          new PaymentRecord.DealEnded(
              deal(node),
              node.get("Charged").asLong(),
              Instant.ofEpochSecond(node.get("Time").asLong()));
      default -> throw new ProtocolException("BAD_RECORD", "unknown payment record: " + kind);
    };
  }

  private static Node.MapBuilder domain(Node.MapBuilder map, Domain domain) {
    return map.put("ChainID", domain.chainId()).put("Contract", domain.contract().bytes());
  }

  private static Domain domain(Node node) {
    return new Domain(
        node.get("ChainID").asLong(), EvmAddress.of(node.get("Contract").asByteArray()));
  }

  private static DealRef deal(Node node) {
    return new DealRef(node.get("Deal").asText());
  }

  private static Bytes32 channel(Node node) {
    return Bytes32.of(node.get("Channel").asByteArray());
  }

  private static SignedVoucher voucher(Node node) {
    return SignedVoucher.of(node.get("Voucher"));
  }

  private static TokenAmount amount(Node node, String key) {
    return TokenAmount.ofBytes(node.get(key).asByteArray());
  }
}
