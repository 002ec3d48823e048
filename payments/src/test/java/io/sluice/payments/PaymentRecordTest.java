package io.sluice.payments;

import static io.sluice.payments.Samples.CHANNEL;
import static io.sluice.payments.Samples.COIN;
import static io.sluice.payments.Samples.DOMAIN;
import static io.sluice.payments.Samples.NOW;
import static io.sluice.payments.Samples.PAYEE;
import static io.sluice.payments.Samples.PAYER;
import static io.sluice.payments.Samples.TERMS;
import static io.sluice.payments.Samples.amount;
import static io.sluice.payments.Samples.voucher;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.retrieval.EvmAddress;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PaymentRecordTest {
  private static final DealRef DEAL = new DealRef("c-1");
  private static final IntentId ID = new IntentId("i-1");
  private static final EvmAddress ACCOUNT = PAYER.address();

  private static Arguments kind(String kind, Set<String> keys, PaymentRecord record) {
    return arguments(kind, keys, record);
  }

  /** The stored form is a promise to every home that has been: kinds and keys, word for word. */
  static Stream<Arguments> records() {
    return Stream.of(
        kind(
            "intent-planned",
            Set.of("ChainID", "Contract", "Intent"),
            new PaymentRecord.IntentPlanned(DOMAIN, new Intent.Settle(ID, ACCOUNT, CHANNEL))),
        kind("intent-ended", Set.of("ID"), new PaymentRecord.IntentEnded(ID, Optional.empty())),
        kind(
            "intent-ended",
            Set.of("ID", "Refused"),
            new PaymentRecord.IntentEnded(ID, Optional.of("NOT_PAYER"))),
        kind(
            "funds-asked",
            Set.of("Deal", "Channel", "Amount"),
            new PaymentRecord.FundsAsked(DEAL, CHANNEL, amount(5))),
        kind(
            "lane-taken",
            Set.of("Deal", "Channel", "Lane", "Base", "Budget"),
            new PaymentRecord.LaneTaken(DEAL, CHANNEL, 2, amount(3), amount(4))),
        kind(
            "voucher-given",
            Set.of("Deal", "Voucher"),
            new PaymentRecord.VoucherGiven(DEAL, voucher(CHANNEL, 1, 2, 3))),
        kind(
            "voucher-adopted",
            Set.of("Deal", "Voucher"),
            new PaymentRecord.VoucherAdopted(DEAL, voucher(CHANNEL, 1, 2, 3))),
        kind("deal-left", Set.of("Deal"), new PaymentRecord.DealLeft(DEAL, false)),
        kind("deal-left", Set.of("Deal", "MayOwe"), new PaymentRecord.DealLeft(DEAL, true)),
        kind(
            "channel-idle",
            Set.of("Channel", "Since"),
            new PaymentRecord.ChannelIdle(CHANNEL, Instant.ofEpochSecond(7))),
        kind(
            "consent-given",
            Set.of("Channel", "Total", "Deadline"),
            new PaymentRecord.ConsentGiven(CHANNEL, amount(5), 7)),
        kind(
            "credit-gathers",
            Set.of("ChainID", "Contract", "Token", "Since"),
            new PaymentRecord.CreditGathers(DOMAIN, PAYEE, Instant.ofEpochSecond(7))),
        kind(
            "deal-bound",
            Set.of(
                "Deal",
                "ChainID",
                "Contract",
                "Channel",
                "Lane",
                "Base",
                "Payer",
                "Signer",
                "Terms"),
            new PaymentRecord.DealBound(
                DEAL, DOMAIN, CHANNEL, 1, amount(2), ACCOUNT, PAYEE, TERMS, Optional.empty())),
        kind(
            "deal-bound",
            Set.of(
                "Deal",
                "ChainID",
                "Contract",
                "Channel",
                "Lane",
                "Base",
                "Payer",
                "Signer",
                "Terms",
                "Best"),
            new PaymentRecord.DealBound(
                DEAL,
                DOMAIN,
                CHANNEL,
                1,
                amount(2),
                ACCOUNT,
                PAYEE,
                TERMS,
                Optional.of(voucher(CHANNEL, 1, 2, 3)))),
        kind(
            "voucher-taken",
            Set.of("Deal", "Voucher", "Counted", "Time"),
            new PaymentRecord.VoucherTaken(
                DEAL, voucher(CHANNEL, 1, 2, 3), amount(3), Optional.of(NOW))),
        kind(
            "deal-ended",
            Set.of("Deal", "Charged", "Time"),
            new PaymentRecord.DealEnded(DEAL, 12, NOW)));
  }

  @ParameterizedTest
  @MethodSource("records")
  void storedAndReadBack(String kind, Set<String> keys, PaymentRecord record) {
    Node stored = DagCbor.decode(DagCbor.encode(record.toNode()));

    assertEquals(kind, record.kind());
    assertEquals(keys, keys(stored));
    assertEquals(record, PaymentRecord.of(kind, stored));
  }

  static Stream<Arguments> intents() {
    return Stream.of(
        arguments(
            "open",
            Set.of("Payee", "Signer", "Token", "Challenge", "Salt", "Amount"),
            new Intent.Open(ID, ACCOUNT, PAYEE, ACCOUNT, COIN, 60, CHANNEL, amount(1))),
        arguments(
            "top-up",
            Set.of("Channel", "Amount"),
            new Intent.TopUp(ID, ACCOUNT, CHANNEL, amount(1))),
        arguments(
            "redeem",
            Set.of("Vouchers"),
            new Intent.Redeem(ID, ACCOUNT, List.of(voucher(CHANNEL, 1, 2, 3)))),
        arguments("settle", Set.of("Channel"), new Intent.Settle(ID, ACCOUNT, CHANNEL)),
        arguments("collect", Set.of("Channel"), new Intent.Collect(ID, ACCOUNT, CHANNEL)),
        arguments(
            "close",
            Set.of("Channel", "Vouchers"),
            new Intent.Close(ID, ACCOUNT, CHANNEL, List.of())),
        arguments(
            "close-by-consent",
            Set.of("Channel", "Amount", "Deadline", "Signature"),
            new Intent.CloseByConsent(
                ID,
                ACCOUNT,
                new CloseConsent(CHANNEL, amount(4), 99),
                voucher(CHANNEL, 1, 2, 3).signature())),
        arguments(
            "withdraw",
            Set.of("Token", "To", "Amount"),
            new Intent.Withdraw(ID, ACCOUNT, COIN, PAYEE, amount(4))));
  }

  @ParameterizedTest
  @MethodSource("intents")
  void intents_storedAndReadBack(String kind, Set<String> keys, Intent intent) {
    Node stored = DagCbor.decode(DagCbor.encode(Intent.CODEC.encode(intent)));
    Set<String> all = new HashSet<>(keys);
    all.addAll(Set.of("ID", "Sender", "Do"));

    assertEquals(kind, stored.get("Do").asText());
    assertEquals(all, keys(stored));
    assertEquals(intent, Intent.CODEC.decode(stored));
  }

  private static Set<String> keys(Node map) {
    Set<String> keys = new HashSet<>();
    map.asMap().entries().forEach(entry -> keys.add(entry.getKey().asText()));
    return keys;
  }

  @Test
  void whatNobodyWrites_badRecord() {
    Node left = new PaymentRecord.DealLeft(DEAL, false).toNode();
    Node unknownIntent =
        Node.map()
            .put("ChainID", 1)
            .put("Contract", PAYEE.bytes())
            .put("Intent", Node.map().put("Do", "steal").build())
            .build();

    assertBad("deal-lost", left);
    assertBad("deal-left", Node.map().put("Deal", "").build());
    assertBad("intent-planned", unknownIntent);
    assertBad("intent-ended", Node.map().put("ID", "two words").build());
  }

  private static void assertBad(String kind, Node value) {
    ProtocolException thrown =
        assertThrows(ProtocolException.class, () -> PaymentRecord.of(kind, value));
    assertEquals("BAD_RECORD", thrown.code());
  }
}
