package io.sluice.protocol.datatransfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import io.sluice.protocol.multiformats.PeerId;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransferCodecTest {
  private static final Cid ROOT = Cid.sha2_256(0x71, ByteBuffer.wrap(new byte[] {1}));
  private static final TypedVoucher VOUCHER = new TypedVoucher("Kind/1", Node.of(7));
  private static final ChannelId CHANNEL = new ChannelId(peer(1), peer(2), -5);

  static final List<TransferMessage> MESSAGES =
      List.of(
          TransferRequest.pull(false, 3, ROOT, Selectors.exploreAll().node(), VOUCHER),
          TransferRequest.pull(true, -1, ROOT, Selectors.exploreAll().node(), VOUCHER),
          TransferRequest.voucher(4, VOUCHER),
          TransferRequest.voucher(4, new TypedVoucher("Kind/1", Node.ofNull())),
          TransferRequest.update(5, true),
          TransferRequest.cancel(6),
          TransferRequest.restartExisting(CHANNEL),
          TransferResponse.answer(false, 7, true, true, Optional.of(VOUCHER)),
          TransferResponse.answer(true, Long.MIN_VALUE, false, false, Optional.empty()),
          TransferResponse.voucherResult(8, true, false, Optional.of(VOUCHER)),
          TransferResponse.complete(9, true, true, Optional.empty()),
          TransferResponse.update(10, true, false),
          TransferResponse.cancel(11));

  private static PeerId peer(int number) {
    return PeerId.of(
        Multihash.hash(Multihash.SHA2_256, ByteBuffer.wrap(new byte[] {(byte) number})).bytes());
  }

  private static Node body(Node message) {
    return message.get(message.get("IsRq").asBoolean() ? "Request" : "Response");
  }

  private static Node with(Node message, Node body) {
    boolean request = message.get("IsRq").asBoolean();
    return Node.map()
        .put("IsRq", request)
        .put("Request", request ? body : Node.ofNull())
        .put("Response", request ? Node.ofNull() : body)
        .build();
  }

  private static Node without(Node body, int entry) {
    Node.Map map = body.asMap();
    Node.MapBuilder fewer = Node.map();
    for (int i = 0; i < map.size(); i++) {
      if (i != entry) {
        fewer.put(map.key(i), map.value(i));
      }
    }
    return fewer.build();
  }

  private static void assertSchemaError(Node node) {
    assertEquals(
        "DECODE_SCHEMA",
        assertThrows(ProtocolException.class, () -> TransferCodec.fromNode(node)).code());
  }

  @ParameterizedTest
  @FieldSource("MESSAGES")
  void givenMessage_thenItReadsBack(TransferMessage message) {
    assertEquals(message, TransferCodec.decode(ByteBuffer.wrap(TransferCodec.encode(message))));
  }

  @ParameterizedTest
  @FieldSource("MESSAGES")
  void givenAnyKeyMissing_orOneMore_thenRefused(TransferMessage message) {
    Node whole = TransferCodec.toNode(message);
    int size = body(whole).asMap().size();
    assertEquals(message instanceof TransferRequest ? 10 : 6, size);
    for (int entry = 0; entry < size; entry++) {
      assertSchemaError(with(whole, without(body(whole), entry)));
    }
    Node.MapBuilder more = Node.map();
    body(whole).asMap().entries().forEach(each -> more.put(each.getKey(), each.getValue()));
    assertSchemaError(with(whole, more.put("Extra", Node.ofNull()).build()));
    Node.MapBuilder outer = Node.map();
    whole.asMap().entries().forEach(each -> outer.put(each.getKey(), each.getValue()));
    assertSchemaError(outer.put("Extra", Node.ofNull()).build());
  }

  @Test
  void givenEnvelopeWithoutTheOtherBody_thenRead() {
    Node node = TransferCodec.toNode(TransferRequest.cancel(6));

    assertEquals(
        TransferRequest.cancel(6),
        TransferCodec.fromNode(
            Node.map().put("IsRq", true).put("Request", node.get("Request")).build()));
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 8, 255, Long.MAX_VALUE})
  void givenUnknownType_thenRefused(long type) {
    Node whole = TransferCodec.toNode(TransferResponse.cancel(1));
    Node.MapBuilder other = Node.map();
    body(whole)
        .asMap()
        .entries()
        .forEach(
            each ->
                other.put(
                    each.getKey(),
                    each.getKey().string().equals("Type") ? Node.of(type) : each.getValue()));

    assertSchemaError(with(whole, other.build()));
  }

  @Test
  void givenEveryPrefixAndFlippedByte_thenAMessageOrATypedError() {
    for (TransferMessage message : MESSAGES) {
      byte[] whole = TransferCodec.encode(message);
      for (int length = 0; length < whole.length; length++) {
        ByteBuffer prefix = ByteBuffer.wrap(whole, 0, length);
        assertEquals(
            "DECODE_TRUNCATED",
            assertThrows(ProtocolException.class, () -> TransferCodec.decode(prefix)).code());
      }
      for (int at = 0; at < whole.length; at++) {
        byte[] flipped = whole.clone();
        flipped[at] ^= 0x21;
        try {
          TransferMessage other = TransferCodec.decode(ByteBuffer.wrap(flipped));
          assertEquals(other, TransferCodec.fromNode(TransferCodec.toNode(other)));
        } catch (ProtocolException e) {
          // typed: that is what we want
        }
      }
    }
  }
}
