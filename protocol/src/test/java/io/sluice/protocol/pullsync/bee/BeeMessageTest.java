package io.sluice.protocol.pullsync.bee;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.pullsync.bee.BeeMessage.Ack;
import io.sluice.protocol.pullsync.bee.BeeMessage.AddressOffer;
import io.sluice.protocol.pullsync.bee.BeeMessage.ChunkOffer;
import io.sluice.protocol.pullsync.bee.BeeMessage.Delivery;
import io.sluice.protocol.pullsync.bee.BeeMessage.GetRange;
import io.sluice.protocol.pullsync.bee.BeeMessage.Headers;
import io.sluice.protocol.pullsync.bee.BeeMessage.Ruid;
import io.sluice.protocol.pullsync.bee.BeeMessage.Syn;
import io.sluice.protocol.pullsync.bee.BeeMessage.Want;
import io.sluice.protocol.retrieval.Bytes32;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes by hand; whole conversations of bee are replayed where both ends are. */
class BeeMessageTest {
  private static final List<Function<ByteBuffer, BeeMessage>> DECODERS =
      List.of(
          Headers::decode,
          Syn::decode,
          Ack::decode,
          Ruid::decode,
          BeeMessage.Cancel::decode,
          GetRange::decode,
          GetRange::decodeEndless,
          AddressOffer::decode,
          ChunkOffer::decode,
          Want::decode,
          Delivery::decode);

  private static ByteBuffer bytes(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
  }

  private static String hex(BeeMessage message) {
    return HexFormat.of().formatHex(message.fields().toBytes());
  }

  private static Bytes32 address(int first) {
    byte[] bytes = new byte[Bytes32.LENGTH];
    bytes[0] = (byte) first;
    return Bytes32.of(bytes);
  }

  @Test
  void requestsHaveTheBytesOfBee() {
    assertEquals("08b09180a904", hex(new Ruid(1_159_727_280)));
    assertEquals("0803100618ffffffffffffffffff01", hex(new GetRange(3, 6, GetRange.LIVE)));
    assertEquals(
        "08031006",
        HexFormat.of().formatHex(new GetRange(3, 6, GetRange.LIVE).endless().toBytes()));
    assertEquals(new GetRange(0, 0, GetRange.LIVE), GetRange.decodeEndless(bytes("")));
    assertEquals(new GetRange(3, 1, 5), GetRange.decode(bytes("080310011805")));
    assertEquals(new GetRange(3, 1, GetRange.LIVE), GetRange.decodeEndless(bytes("080310011805")));
  }

  @Test
  void givenEveryBinOrNone_thenCursorsOrNot() {
    List<Long> cursors = Collections.nCopies(Proximity.BINS, 7L);
    Ack ack = new Ack(cursors, OptionalLong.of(1_760_000_000L));
    assertEquals(ack, Ack.decode(ByteBuffer.wrap(ack.fields().toBytes())));
    Ack old = new Ack(cursors, OptionalLong.empty());
    assertEquals(old, Ack.decode(ByteBuffer.wrap(old.fields().toBytes())));
    assertThrows(BadPullsync.class, () -> Ack.decode(bytes("")));
    assertThrows(BadPullsync.class, () -> Ack.decode(bytes("0a0107")));
    assertThrows(
        BadPullsync.class,
        () ->
            Ack.decode(
                ByteBuffer.wrap(
                    new Ack(Collections.nCopies(Proximity.BINS + 1, 7L), OptionalLong.empty())
                        .fields()
                        .toBytes())));
  }

  /** bee cuts the number of a bin to eight bits, and waits for ever for what is no range. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "08201001",
        "0883021001",
        "0883808080101001",
        "08ffffffffffffffffff01",
        "080310061805"
      })
  void givenNoSuchBinOrRange_whenRead_thenRefused(String request) {
    assertThrows(BadPullsync.class, () -> GetRange.decode(bytes(request)));
  }

  @Test
  void offersComeBackAsTheyWere() {
    AddressOffer old = new AddressOffer(-2, List.of(address(1), address(2)));
    assertEquals(old, AddressOffer.decode(ByteBuffer.wrap(old.fields().toBytes())));
    ChunkOffer offer = new ChunkOffer(9, List.of(new ChunkId(address(1), address(2), address(3))));
    assertEquals(offer, ChunkOffer.decode(ByteBuffer.wrap(offer.fields().toBytes())));
    assertEquals("", hex(new ChunkOffer(0, List.of())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"12210000", "1221" + "00" + "11", "1201ff"})
  void givenAddressesOfOtherLengths_whenRead_thenRefused(String offer) {
    assertThrows(ProtocolException.class, () -> AddressOffer.decode(bytes(offer)));
    assertThrows(ProtocolException.class, () -> ChunkOffer.decode(bytes(offer)));
  }

  @Test
  void givenChunkWithoutStampHash_whenOffered_thenRefused() {
    byte[] chunk = new byte[2 + 2 * (2 + Bytes32.LENGTH)];
    chunk[0] = 0x12;
    chunk[1] = (byte) (chunk.length - 2);
    chunk[2] = 0x0a;
    chunk[3] = Bytes32.LENGTH;
    chunk[4 + Bytes32.LENGTH] = 0x12;
    chunk[5 + Bytes32.LENGTH] = Bytes32.LENGTH;
    assertThrows(BadPullsync.class, () -> ChunkOffer.decode(ByteBuffer.wrap(chunk)));
  }

  @Test
  void bitsAreThoseOfBee() {
    BitSet first = new BitSet();
    first.set(0);
    first.set(7);
    assertArrayEquals(HexFormat.of().parseHex("8100"), BitVector.encode(first, 8));
    assertArrayEquals(new byte[] {1}, BitVector.encode(first, 7));
    first.set(9);
    assertEquals(first.get(0, 9), BitVector.decode(HexFormat.of().parseHex("81fe"), 9));
    assertThrows(BadPullsync.class, () -> BitVector.decode(new byte[1], 9));
    assertThrows(BadPullsync.class, () -> BitVector.decode(new byte[0], 1));
  }

  @Test
  void givenNothingOrZeros_whenDelivered_thenGone() {
    assertTrue(Delivery.decode(bytes("")).isGone());
    assertTrue(Delivery.decode(bytes("0a020000")).isGone());
    assertFalse(Delivery.decode(bytes("0a020001")).isGone());
  }

  /** A message or the typed error, for every beginning of one and for bytes of no sense. */
  @Test
  void givenAnyBytes_whenRead_thenMessageOrTypedError() {
    Random random = new Random(20);
    byte[] good =
        new ChunkOffer(9, List.of(new ChunkId(address(1), address(2), address(3))))
            .fields()
            .toBytes();
    for (Function<ByteBuffer, BeeMessage> decoder : DECODERS) {
      for (int length = 0; length <= good.length; length++) {
        read(decoder, ByteBuffer.wrap(good, 0, length).slice());
      }
      for (int i = 0; i < 500; i++) {
        byte[] noise = new byte[random.nextInt(60)];
        random.nextBytes(noise);
        read(decoder, ByteBuffer.wrap(noise));
      }
    }
  }

  private static void read(Function<ByteBuffer, BeeMessage> decoder, ByteBuffer bytes) {
    assertDoesNotThrow(
        () -> {
          try {
            decoder.apply(bytes);
          } catch (ProtocolException typed) {
            assertFalse(typed.code().isEmpty());
          }
        });
  }
}
