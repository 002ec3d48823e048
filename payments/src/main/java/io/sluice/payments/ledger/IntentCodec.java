package io.sluice.payments.ledger;

import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;

/** The stored form of intents, version 1: a map with the kind under {@code Do}. */
final class IntentCodec {
  private IntentCodec() {}

  static Node encode(Intent intent) {
    Node.MapBuilder map =
        Node.map()
            .put("ID", intent.id().value())
            .put("Sender", intent.sender().bytes())
            .put("Do", kind(intent));
    switch (intent) {
      case Intent.Open open ->
          map.put("Payee", open.payee().bytes())
              .put("Signer", open.signer().bytes())
              .put("Token", open.token().bytes())
              .put("Challenge", open.challengeSeconds())
              .put("Salt", open.salt().bytes())
              .put("Amount", open.amount().bytes());
      case Intent.TopUp topUp ->
          map.put("Channel", topUp.channel().bytes()).put("Amount", topUp.amount().bytes());
      case Intent.Redeem redeem -> map.put("Vouchers", vouchers(redeem.vouchers()));
      case Intent.Settle settle -> map.put("Channel", settle.channel().bytes());
      case Intent.Collect collect -> map.put("Channel", collect.channel().bytes());
      case Intent.Close close ->
          map.put("Channel", close.channel().bytes()).put("Vouchers", vouchers(close.vouchers()));
      case Intent.CloseByConsent close ->
          map.put("Channel", close.consent().channel().bytes())
              .put("Amount", close.consent().finalRedeemed().bytes())
              .put("Deadline", close.consent().deadline())
              .put("Signature", close.signature().bytes());
      case Intent.Withdraw withdraw ->
          map.put("Token", withdraw.token().bytes())
              .put("To", withdraw.to().bytes())
              .put("Amount", withdraw.amount().bytes());
    }
    return map.build();
  }

  private static String kind(Intent intent) {
    return switch (intent) {
      case Intent.Open open -> "open";
      case Intent.TopUp topUp -> "top-up";
      case Intent.Redeem redeem -> "redeem";
      case Intent.Settle settle -> "settle";
      case Intent.Collect collect -> "collect";
      case Intent.Close close -> "close";
      case Intent.CloseByConsent close -> "close-by-consent";
      case Intent.Withdraw withdraw -> "withdraw";
    };
  }

  static Intent decode(Node node) {
    IntentId id = new IntentId(node.get("ID").asText());
    EvmAddress sender = address(node, "Sender");
    String kind = node.get("Do").asText();
    return switch (kind) {
      case "open" ->
          new Intent.Open(
              id,
              sender,
              address(node, "Payee"),
              address(node, "Signer"),
              address(node, "Token"),
              node.get("Challenge").asLong(),
              hash(node, "Salt"),
              amount(node));
      case "top-up" -> new Intent.TopUp(id, sender, hash(node, "Channel"), amount(node));
      case "redeem" -> new Intent.Redeem(id, sender, vouchers(node));
      case "settle" -> new Intent.Settle(id, sender, hash(node, "Channel"));
      case "collect" -> new Intent.Collect(id, sender, hash(node, "Channel"));
      case "close" -> new Intent.Close(id, sender, hash(node, "Channel"), vouchers(node));
      case "close-by-consent" ->
          new Intent.CloseByConsent(
              id,
              sender,
              new CloseConsent(hash(node, "Channel"), amount(node), node.get("Deadline").asLong()),
              Signature.of(node.get("Signature").asByteArray()));
      case "withdraw" ->
          new Intent.Withdraw(
              id, sender, address(node, "Token"), address(node, "To"), amount(node));
      default -> throw new ProtocolException("BAD_RECORD", "unknown intent: " + kind);
    };
  }

  private static Node vouchers(List<SignedVoucher> vouchers) {
    return Node.list(vouchers.stream().map(SignedVoucher::toNode).toList());
  }

  private static List<SignedVoucher> vouchers(Node node) {
    return node.get("Vouchers").asList().stream().map(SignedVoucher::of).toList();
  }

  private static EvmAddress address(Node node, String key) {
    return EvmAddress.of(node.get(key).asByteArray());
  }

  private static Bytes32 hash(Node node, String key) {
    return Bytes32.of(node.get(key).asByteArray());
  }

  private static TokenAmount amount(Node node) {
    return TokenAmount.ofBytes(node.get("Amount").asByteArray());
  }
}
