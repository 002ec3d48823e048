package io.sluice.node.pullsync.bee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.pullsync.bee.Batch;
import io.sluice.protocol.pullsync.bee.BeeMessage.ChunkOffer;
import io.sluice.protocol.pullsync.bee.ChunkHash;
import io.sluice.protocol.pullsync.bee.ChunkId;
import io.sluice.protocol.pullsync.bee.Postage;
import io.sluice.protocol.pullsync.bee.Proximity;
import io.sluice.protocol.pullsync.bee.Stamp;
import io.sluice.protocol.pullsync.bee.Stamp.StampFault;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses, stamps and their hashes: those of bee, byte by byte. */
class ChunkVectorsTest {

  /** The addresses, the batch and the hashes of the stamps, as bee offered them. */
  @ParameterizedTest
  @CsvSource({"historical-5, 4096, 5", "eight, 64, 8", "pages-300, 8, 250"})
  void chunksMadeAnewAreThoseThatBeeOffered(String scenario, int payload, int count) {
    ChunkOffer offer = ChunkOffer.decode(Recording.of("1.4.0", scenario).first("Offer").fields());
    List<ChunkId> made =
        BeeContent.ofBin(3, count, payload).stream()
            .map(chunk -> chunk.id(BeeContent.CRYPTO))
            .toList();
    assertEquals(offer.chunks(), made);
  }

  /** From the tests of bee's own hasher: "foo" with its length as span. */
  @Test
  void addressOfShortData() {
    byte[] data = new byte[ChunkHash.SPAN + 3];
    data[0] = 3;
    data[8] = 'f';
    data[9] = 'o';
    data[10] = 'o';
    assertEquals(
        Bytes32.parse("2387e8e7d8a48c2a9339c97c1dc3461a9a7aa07e994c5cb8b38fd7c1b3e6ea48"),
        BeeContent.HASH.content(data).orElseThrow());
  }

  /** A pair that begins within the payload and one that ends with it, at every level. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 32, 33, 63, 64, 65, 128, 129, 2048, 2049, 4095, 4096})
  void lengthsAreFilledUpWithZeros(int payload) {
    byte[] data = new byte[ChunkHash.SPAN + payload];
    Arrays.fill(data, (byte) 7);
    byte[] full = Arrays.copyOf(data, ChunkHash.SPAN + ChunkHash.PAYLOAD);
    assertEquals(BeeContent.HASH.content(full), BeeContent.HASH.content(data));
  }

  @Test
  void givenTooShortOrLong_thenNoAddress() {
    assertEquals(Optional.empty(), BeeContent.HASH.content(new byte[ChunkHash.SPAN - 1]));
    assertEquals(
        Optional.empty(),
        BeeContent.HASH.content(new byte[ChunkHash.SPAN + ChunkHash.PAYLOAD + 1]));
    assertEquals(Optional.empty(), BeeContent.HASH.singleOwner(new byte[96]));
    assertFalse(BeeContent.HASH.matches(BeeContent.OVERLAY, new byte[0]));
  }

  @Test
  void givenSingleOwner_thenAddressIsThatOfIdAndOwner() {
    byte[] wrapped = BeeContent.bytes(BeeContent.chunk(1, 64).data());
    Bytes32 id = BeeContent.sha256(new byte[] {9});
    Bytes32 content = BeeContent.HASH.content(wrapped).orElseThrow();
    Bytes32 digest =
        BeeContent.CRYPTO.signedMessage(BeeContent.CRYPTO.keccak(id.bytes(), content.bytes()));
    byte[] chunk =
        ByteBuffer.allocate(32 + 65 + wrapped.length)
            .put(id.bytes())
            .put(BeeContent.OWNER.sign(digest).bytes())
            .put(wrapped)
            .array();
    Bytes32 address = BeeContent.HASH.singleOwner(id, BeeContent.OWNER.address());

    assertTrue(BeeContent.HASH.matches(address, chunk));
    chunk[chunk.length - 1] ^= 1;
    assertFalse(BeeContent.HASH.matches(address, chunk));
  }

  @Test
  void binsAreCountedByLeadingBits() {
    byte[] other = BeeContent.OVERLAY.bytes();
    assertEquals(31, Proximity.order(BeeContent.OVERLAY, BeeContent.OVERLAY));
    other[0] ^= (byte) 0x80;
    assertEquals(0, Proximity.order(BeeContent.OVERLAY, Bytes32.of(other)));
    other[0] ^= (byte) 0x80;
    other[1] ^= 0x10;
    assertEquals(11, Proximity.order(BeeContent.OVERLAY, Bytes32.of(other)));
  }

  @Test
  void stampIsOfOneChunkAndOwnerAndPlace() {
    StampedChunk chunk = BeeContent.chunk(1, 64);
    byte[] data = BeeContent.bytes(chunk.data());
    Stamp good = chunk.stamp();

    assertEquals(Optional.empty(), BeeContent.POSTAGE.fault(chunk.address(), good));
    assertEquals(
        Optional.of(StampFault.OTHER_OWNER),
        BeeContent.POSTAGE.fault(
            chunk.address(),
            BeeContent.stamped(chunk.address(), data, BeeContent.STRANGER, 1).stamp()));
    assertEquals(
        Optional.of(StampFault.OTHER_OWNER),
        BeeContent.POSTAGE.fault(
            chunk.address(),
            new Stamp(good.batch(), good.index(), good.timestamp() + 1, good.signature())));
    assertEquals(
        Optional.of(StampFault.OTHER_BUCKET),
        BeeContent.POSTAGE.fault(BeeContent.chunk(2, 64).address(), good));
    // depth 24 is 2^8 chunks a bucket
    for (int number : new int[] {255, 256, -1}) {
      StampedChunk at =
          BeeContent.stamped(
              chunk.address(),
              data,
              BeeContent.OWNER,
              good.index() | Integer.toUnsignedLong(number),
              1);
      assertEquals(
          number == 255 ? Optional.empty() : Optional.of(StampFault.NO_SUCH_PLACE),
          BeeContent.POSTAGE.fault(chunk.address(), at.stamp()));
    }
    assertEquals(
        Optional.of(StampFault.UNKNOWN_BATCH),
        new Postage(BeeContent.CRYPTO, List.of()).fault(chunk.address(), good));
  }

  @Test
  void givenOtherLengths_whenStampIsRead_thenRefused() {
    byte[] stamp = BeeContent.chunk(1, 64).stamp().encode();
    assertEquals(BeeContent.chunk(1, 64).stamp(), Stamp.decode(stamp));
    // 97 bytes had the stamps of 2022's penguin
    for (int length : new int[] {0, 97, 112, 114}) {
      assertThrows(ProtocolException.class, () -> Stamp.decode(Arrays.copyOf(stamp, length)));
    }
  }

  @Test
  void batchesAreWrittenWithColons() {
    assertEquals(BeeContent.BATCH, Batch.parse(BeeContent.BATCH.toString()));
    String id = "ab".repeat(32);
    String owner = "0x" + "12".repeat(EvmAddress.LENGTH);
    for (String bad :
        List.of(
            "",
            id,
            id + ":" + owner,
            id + ":" + owner + ":15",
            id + ":" + owner + ":64",
            id + ":12:20",
            "ab:" + owner + ":20",
            id + ":" + owner + ":20:1")) {
      assertThrows(ProtocolException.class, () -> Batch.parse(bad), bad);
    }
  }
}
