package io.sluice.protocol.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class FieldCodecsTest {
  private static final Cid ROOT =
      Cid.parse("bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua");
  private static final Terms TERMS =
      new Terms(TokenAmount.of(256), TokenAmount.of(1), 10, 20, 300, 40);
  private static final EvmAddress ADDRESS = EvmAddress.parse("0x" + "ab".repeat(20));
  private static final Payee PAYEE =
      new Payee(
          5,
          ADDRESS,
          EvmAddress.ZERO,
          ADDRESS,
          6,
          TokenAmount.of(7),
          8,
          Optional.of("SYM"),
          Optional.empty());
  private static final Bytes32 HASH = Bytes32.parse("cd".repeat(32));
  private static final Signature SIGNATURE = Signature.of(new byte[65]);
  private static final Payment PAYMENT =
      new Payment(1, 2, ADDRESS, HASH, 3, 4, TokenAmount.of(5), 6, true, SIGNATURE);

  static final List<Arguments> MESSAGES =
      List.of(
          Arguments.of(Terms.CODEC, TERMS),
          Arguments.of(Payee.CODEC, PAYEE),
          Arguments.of(Offer.CODEC, new Offer(TERMS, PAYEE)),
          Arguments.of(Payment.CODEC, PAYMENT),
          Arguments.of(
              DealOpening.CODEC,
              new DealOpening(1, TERMS, PAYEE, HASH, 2, Optional.of(PAYMENT), SIGNATURE)),
          Arguments.of(
              DealOpening.CODEC,
              new DealOpening(1, TERMS, PAYEE, HASH, 2, Optional.empty(), SIGNATURE)),
          Arguments.of(
              DealProposal.CODEC, DealProposal.of(ROOT, 9, Selectors.exploreAll().node(), TERMS)),
          Arguments.of(
              DealProposal.CODEC,
              new DealProposal(
                  ROOT, 9, Optional.empty(), TokenAmount.ZERO, 0, 0, TokenAmount.of(3))),
          Arguments.of(
              DealResponse.CODEC,
              DealResponse.demand(DealStatus.FUNDS_NEEDED, 9, TokenAmount.of(300))),
          Arguments.of(
              DealResult.CODEC,
              DealResult.of(9, DealCode.FUNDS_NEEDED)
                  .owing(TokenAmount.of(4), 5)
                  .with(PAYMENT)
                  .shortBy(TokenAmount.of(6))
                  .saying("word")),
          Arguments.of(DealResult.CODEC, DealResult.of(9, DealCode.COMPLETED)),
          Arguments.of(AskRequest.CODEC, new AskRequest(ROOT, Optional.empty())),
          Arguments.of(
              AskRequest.CODEC, new AskRequest(ROOT, Optional.of(Selectors.exploreAll().node()))),
          Arguments.of(AskAnswer.CODEC, AskAnswer.no(Availability.UNAVAILABLE, "no")),
          Arguments.of(
              AskAnswer.CODEC,
              new AskAnswer(
                  Availability.AVAILABLE,
                  "",
                  Optional.of(1L),
                  Optional.of(2L),
                  List.of(new Offer(TERMS, PAYEE)))),
          Arguments.of(Query.CODEC, new Query(ROOT, Optional.of(ROOT), Optional.of(Node.of(1)))),
          Arguments.of(Query.CODEC, new Query(ROOT)),
          Arguments.of(
              QueryResponse.CODEC,
              new QueryResponse(
                  Availability.AVAILABLE, 1, TokenAmount.of(2), TokenAmount.of(3), 4, 5, "six")),
          Arguments.of(
              Transports.CODEC,
              Transports.libp2p(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/4001")))));

  @ParameterizedTest
  @FieldSource("MESSAGES")
  <T> void givenMessage_thenItReadsBack_withUnknownKeysToo(MapCodec<T> codec, T message) {
    byte[] bytes = DagCbor.encode(codec.encode(message));
    assertEquals(message, codec.decode(DagCbor.decode(ByteBuffer.wrap(bytes), Limits.MESSAGE)));

    Node.MapBuilder more = Node.map().put("Unknown", Node.list());
    codec
        .encode(message)
        .asMap()
        .entries()
        .forEach(each -> more.put(each.getKey(), each.getValue()));
    assertEquals(message, codec.decode(more.build()));
  }

  @ParameterizedTest
  @FieldSource("MESSAGES")
  <T> void givenEveryPrefixAndFlippedByte_thenAValueOrATypedError(MapCodec<T> codec, T message) {
    byte[] whole = DagCbor.encode(codec.encode(message));
    for (int length = 0; length < whole.length; length++) {
      ByteBuffer prefix = ByteBuffer.wrap(whole, 0, length);
      assertThrows(ProtocolException.class, () -> DagCbor.decode(prefix, Limits.MESSAGE));
    }
    for (int at = 0; at < whole.length; at++) {
      for (int mask : new int[] {1, 0x20, 0x80}) {
        byte[] flipped = whole.clone();
        flipped[at] ^= (byte) mask;
        try {
          T other = codec.decode(DagCbor.decode(ByteBuffer.wrap(flipped), Limits.MESSAGE));
          assertEquals(other, codec.decode(codec.encode(other)));
        } catch (ProtocolException e) {
          // typed: that is what we want
        }
      }
    }
  }

  @ParameterizedTest
  @FieldSource("MESSAGES")
  <T> void givenAKeyMissing_thenItsValueIsAbsentOrItIsRefused(MapCodec<T> codec, T message) {
    Node.Map whole = codec.encode(message).asMap();
    int refused = 0;
    for (int left = 0; left < whole.size(); left++) {
      Node.MapBuilder fewer = Node.map();
      for (int i = 0; i < whole.size(); i++) {
        if (i != left) {
          fewer.put(whole.key(i), whole.value(i));
        }
      }
      Node node = fewer.build();
      try {
        codec.decode(node);
      } catch (ProtocolException e) {
        assertEquals("DECODE_SCHEMA", e.code());
        refused++;
      }
    }
    assertEquals(true, refused > 0, "every message has a field that cannot be left out");
  }

  @Test
  void givenPayment_thenGoldenBytes() {
    assertEquals(
        "aa" // the keys shorter first, then by bytes
            + "624944"
            + "01"
            + "644c616e65"
            + "03"
            + "654279746573"
            + "06"
            + "6546696e616c"
            + "f5"
            + "654e6f6e6365"
            + "04"
            + "66416d6f756e74"
            + "4105"
            + "67436861696e4944"
            + "02"
            + "674368616e6e656c"
            + "5820"
            + "cd".repeat(32)
            + "68436f6e7472616374"
            + "54"
            + "ab".repeat(20)
            + "695369676e6174757265"
            + "5841"
            + "00".repeat(65),
        HexFormat.of().formatHex(DagCbor.encode(Payment.CODEC.encode(PAYMENT))));
  }

  @Test
  void givenTerms_thenGoldenBytes() {
    assertEquals(
        "a6"
            + "63466565"
            + "4101"
            + "68496e74657276616c"
            + "0a"
            + "6b496e74657276616c4d6178"
            + "19012c"
            + "6b50726963655065724d6942"
            + "420100"
            + "6c56616c69645365636f6e6473"
            + "1828"
            + "70496e74657276616c496e637265617365"
            + "14",
        HexFormat.of().formatHex(DagCbor.encode(Terms.CODEC.encode(TERMS))));
  }

  @Test
  void givenFieldsForOthers_thenWrittenThoughNotRead() {
    Node response =
        QueryResponse.CODEC.encode(
            new QueryResponse(
                Availability.UNAVAILABLE, 0, TokenAmount.ZERO, TokenAmount.ZERO, 0, 0, ""));

    assertEquals(1, response.get("PieceCIDFound").asLong());
    assertEquals(Node.of(new byte[2]), response.get("PaymentAddress"));
    assertEquals(
        Node.ofNull(),
        DealProposal.CODEC
            .encode(DealProposal.of(ROOT, 1, Selectors.exploreAll().node(), TERMS))
            .get("Params")
            .get("PieceCID"));
  }

  private static String code(NodeCodec<?> codec, Node node) {
    return assertThrows(ProtocolException.class, () -> codec.decode(node)).code();
  }

  @Test
  void givenCounts_thenFromZeroTo63Bits() {
    assertEquals(0, FieldCodecs.COUNT.decode(Node.of(0)));
    assertEquals(Long.MAX_VALUE, FieldCodecs.COUNT.decode(Node.of(Long.MAX_VALUE)));
    assertEquals("BAD_COUNT", code(FieldCodecs.COUNT, Node.of(-1)));
    assertEquals("DECODE_SCHEMA", code(FieldCodecs.COUNT, Node.of("1")));
  }

  @Test
  void givenAmounts_thenMinimal_andWithASignByteForFilecoin() {
    assertEquals(Node.of(new byte[0]), FieldCodecs.AMOUNT.encode(TokenAmount.ZERO));
    assertEquals(Node.of(new byte[] {1, 0}), FieldCodecs.AMOUNT.encode(TokenAmount.of(256)));
    assertEquals("BAD_AMOUNT", code(FieldCodecs.AMOUNT, Node.of(new byte[] {0, 1})));
    assertEquals("BAD_AMOUNT", code(FieldCodecs.AMOUNT, Node.of(new byte[17])));
    assertEquals(
        Node.of(new byte[] {0, 1, 0}), FieldCodecs.FILECOIN_AMOUNT.encode(TokenAmount.of(256)));
    assertEquals(
        TokenAmount.of(1), FieldCodecs.FILECOIN_AMOUNT.decode(Node.of(new byte[] {0, 0, 1})));
    assertEquals("BAD_AMOUNT", code(FieldCodecs.FILECOIN_AMOUNT, Node.of(new byte[] {1, 1})));
  }

  @Test
  void givenFixedLengths_thenNoOthers() {
    assertEquals("BAD_ADDRESS", code(FieldCodecs.ADDRESS, Node.of(new byte[19])));
    assertEquals("BAD_HASH", code(FieldCodecs.HASH, Node.of(new byte[33])));
    assertEquals("VOUCHER_MALFORMED", code(FieldCodecs.SIGNATURE, Node.of(new byte[64])));
    assertEquals("DECODE_SCHEMA", code(FieldCodecs.HASH, Node.of("text")));
  }

  @Test
  void givenTextOfPeers_thenShownWithoutTricks() {
    assertEquals("a?b?c?d", FieldCodecs.TEXT_FOR_PEOPLE.decode(Node.of("a\u001bb\u202ec\u2028d")));
    assertEquals("x".repeat(1024), FieldCodecs.TEXT_FOR_PEOPLE.decode(Node.of("x".repeat(1025))));
    assertEquals(Node.of("a\nb"), FieldCodecs.TEXT_FOR_PEOPLE.encode("a\nb"));
  }

  @ParameterizedTest
  @CsvSource({"0, AVAILABLE", "1, UNAVAILABLE", "2, ERROR", "3, ERROR", "9999, ERROR"})
  void givenAvailability_thenUnknownNumbersAreErrors(long number, Availability expected) {
    assertEquals(expected, Availability.as(NodeCodec.LONG).decode(Node.of(number)));
  }

  @Test
  void givenNegativeAvailability_thenOnlyQueriesTakeIt() {
    assertEquals(Availability.ERROR, Availability.as(NodeCodec.LONG).decode(Node.of(-1)));
    assertEquals("BAD_COUNT", code(Availability.as(FieldCodecs.COUNT), Node.of(-1)));
    Node answer = Node.map().put("Status", -1).put("Message", "").build();
    assertEquals("BAD_COUNT", code(AskAnswer.CODEC, answer));
  }

  @Test
  void givenMoreOffersThanAllowed_thenRefused() {
    Node offer = Offer.CODEC.encode(new Offer(TERMS, PAYEE));
    for (int count : new int[] {16, 17}) {
      Node answer =
          Node.map()
              .put("Status", 0)
              .put("Message", "")
              .put("Offers", Node.list(java.util.Collections.nCopies(count, offer)))
              .build();
      if (count == 16) {
        assertEquals(16, AskAnswer.CODEC.decode(answer).offers().size());
      } else {
        assertEquals("BAD_ASK", code(AskAnswer.CODEC, answer));
      }
    }
  }

  @Test
  void givenUnknownCode_thenRefused() {
    Node result = Node.map().put("ID", 1).put("Code", "NEVER_HEARD_OF").build();

    assertEquals(DealCode.REFUSED, DealResult.CODEC.decode(result).code());
  }

  @Test
  void givenNullWhereAFieldMayBeAbsent_thenAbsent() {
    Node query = Node.map().put("PayloadCID", ROOT).put("QueryParams", Node.ofNull()).build();
    assertEquals(new Query(ROOT), Query.CODEC.decode(query));
    assertEquals(new Query(ROOT), Query.CODEC.decode(Node.map().put("PayloadCID", ROOT).build()));
    Node ask = Node.map().put("CID", ROOT).put("Selector", Node.ofNull()).build();
    assertEquals(new AskRequest(ROOT, Optional.empty()), AskRequest.CODEC.decode(ask));
  }
}
