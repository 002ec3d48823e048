package io.sluice.protocol.pullsync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multihash;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages as they travel, and as they must not be. */
class PullsyncMessagesTest {
  private static final byte[] DATA = "hello".getBytes(StandardCharsets.UTF_8);
  private static final Cid BLOCK = Cid.sha2_256(Codec.RAW, ByteBuffer.wrap(DATA));
  private static final String BLOCK_HEX =
      "015512202cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  private static final Item.Listing LISTING = new Item.Listing(9, 300);

  /** Messages with their bytes, worked out by hand from the table of fields. */
  static Map<PullsyncMessage, String> golden() {
    Map<PullsyncMessage, String> golden = new LinkedHashMap<>();
    golden.put(new Syn(Lane.EVERYTHING), "0a03 0a012a");
    golden.put(new Ack(300, -1), "120e 08ac02 10ffffffffffffffffff01");
    golden.put(
        new Get(Lane.EVERYTHING, 7, OptionalLong.of(7), 250, Duration.ZERO, 9),
        "1a0c 0a012a 1007 1807 20fa01 3009");
    golden.put(
        new Get(Lane.EVERYTHING, 8, OptionalLong.empty(), 0, Duration.ofSeconds(30), 9),
        "1a0b 0a012a 1008 28b0ea01 3009");
    golden.put(
        new Offer(7, List.of(new Item(7, BLOCK, new Item.OfferedBlock(5))), 9, true, 8),
        "2234 0807 122a 0a24" + BLOCK_HEX + "1007 1805 1809 2001 2808");
    golden.put(
        new Offer(
            8,
            List.of(
                new Item(7, BLOCK, new Item.ListedRoot(LISTING, true, "hi")),
                new Item(8, BLOCK, new Item.RemovedRoot(List.of(LISTING)))),
            9,
            false,
            8),
        "2272 0808 1237 0a24"
            + BLOCK_HEX
            + "1007 2001 2a05 0809 10ac02 3001 3a026869 1231 0a24"
            + BLOCK_HEX
            + "1008 2002 2a05 0809 10ac02 1809 2808");
    golden.put(new Offer(0, List.of(), 0, false, 0), "2200");
    golden.put(Want.of(8, item -> item == 0 || item == 7), "2a04 0a02 8100");
    golden.put(
        Delivery.of(BLOCK, ByteBuffer.wrap(DATA)), "322d 0a24" + BLOCK_HEX + "1205 68656c6c6f");
    golden.put(
        Delivery.without(BLOCK, Delivery.Status.GONE, Duration.ZERO),
        "3228 0a24" + BLOCK_HEX + "1801");
    golden.put(
        Delivery.without(BLOCK, Delivery.Status.BUSY, Duration.ofSeconds(1)),
        "322b 0a24" + BLOCK_HEX + "1803 20e807");
    golden.put(
        new PullsyncError(PullsyncError.Code.OTHER_EPOCH, "new", Duration.ofMillis(5), 9),
        "3a0b 0801 12036e6577 1805 2009");
    return golden;
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }

  private static PullsyncMessage decode(byte[] bytes) {
    return PullsyncMessages.decode(ByteBuffer.wrap(bytes));
  }

  @Test
  void thenMessagesAreWrittenAndReadByteForByte() {
    golden()
        .forEach(
            (message, digits) -> {
              assertEquals(
                  digits.replace(" ", ""),
                  HexFormat.of().formatHex(PullsyncMessages.encode(message)),
                  message.toString());
              assertEquals(message, decode(hex(digits)));
            });
  }

  @Test
  void givenEveryPrefixAndEveryFlippedBit_thenAValueOrATypedError() {
    for (PullsyncMessage message : golden().keySet()) {
      byte[] bytes = PullsyncMessages.encode(message);
      for (int length = 0; length < bytes.length; length++) {
        byte[] prefix = Arrays.copyOf(bytes, length);
        assertThrows(ProtocolException.class, () -> decode(prefix));
      }
      for (int bit = 0; bit < 8 * bytes.length; bit++) {
        byte[] flipped = bytes.clone();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        try {
          PullsyncMessage read = decode(flipped);
          assertEquals(read, decode(PullsyncMessages.encode(read)));
        } catch (ProtocolException refused) {
          assertFalse(refused.code().isEmpty());
        }
      }
    }
  }

  @Test
  void givenFieldsOfALaterVersion_thenPassedOver() {
    assertEquals(new Ack(3, 4), decode(hex("120e 0803 1004 7a05 0102030405 f83f01")));
  }

  @Test
  void givenOffersAtRandom_thenReadAsWritten() {
    long seed = Long.getLong("sluice.seed", new Random().nextLong());
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      List<Item> items = new ArrayList<>();
      long number = 0;
      int count = random.nextInt(Pullsync.ITEMS + 1);
      for (int i = 0; i < count; i++) {
        number += 1 + random.nextInt(1000);
        items.add(new Item(number, cid(random), what(random)));
      }
      Offer offer =
          new Offer(
              number + random.nextInt(5),
              items,
              random.nextLong(),
              random.nextBoolean(),
              number + 9);
      assertEquals(offer, decode(PullsyncMessages.encode(offer)), "seed " + seed);
      Want want = Want.of(count, item -> offer.items().get(item).isBlock() && random.nextBoolean());
      Want read = (Want) decode(PullsyncMessages.encode(want));
      if (count > 0) {
        read.requireFor(offer);
      }
      assertEquals(want, read, "seed " + seed);
    }
  }

  private static Cid cid(Random random) {
    byte[] digest = new byte[32];
    random.nextBytes(digest);
    Multihash hash = Multihash.of(Multihash.SHA2_256, digest);
    return random.nextBoolean() ? Cid.v0(hash) : Cid.v1(Codec.DAG_CBOR, hash);
  }

  private static Item.What what(Random random) {
    return switch (random.nextInt(4)) {
      case 0 ->
          new Item.ListedRoot(listing(random), random.nextBoolean(), "näme " + random.nextInt());
      case 1 -> new Item.RemovedRoot(List.of(listing(random), listing(random)));
      default -> new Item.OfferedBlock(random.nextInt(Pullsync.PAGE_BYTES / Pullsync.ITEMS));
    };
  }

  private static Item.Listing listing(Random random) {
    return new Item.Listing(random.nextLong(), 1 + random.nextInt(1_000_000));
  }

  // ---- what must not be

  private record Malformed(String name, ByteBuffer bytes) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Malformed malformed(String name, byte[] bytes) {
    return new Malformed(name, ByteBuffer.wrap(bytes));
  }

  private static Malformed message(String name, int kind, Consumer<ProtobufWriter> fields) {
    ProtobufWriter message = new ProtobufWriter();
    fields.accept(message);
    return malformed(name, new ProtobufWriter().message(kind, message).toBytes());
  }

  private static Malformed item(String name, Consumer<ProtobufWriter> fields) {
    return message(
        name,
        4,
        offer -> {
          ProtobufWriter item = new ProtobufWriter();
          fields.accept(item);
          offer.number(1, 1000).message(2, item);
        });
  }

  private static ProtobufWriter block(Cid cid, long number, long size) {
    return new ProtobufWriter().bytes(1, cid.bytes()).number(2, number).number(3, size);
  }

  private static ProtobufWriter listing(long number) {
    return new ProtobufWriter().number(1, 9).number(2, number);
  }

  static List<Malformed> malformed() {
    byte[] cid = BLOCK.bytes();
    Cid identity = Cid.v1(Codec.RAW, Multihash.of(Multihash.IDENTITY, DATA));
    Cid zero = Cid.v1(Codec.RAW, Multihash.of(Multihash.SHA2_256, new byte[32]));
    List<Malformed> all = new ArrayList<>();
    all.add(malformed("nothing", new byte[0]));
    all.add(message("a kind that is none", 8, out -> {}));
    all.add(malformed("two messages", hex("2200 2200")));
    // requests
    all.add(message("no lane", 1, out -> {}));
    all.add(message("a lane that is none", 1, out -> out.text(1, "everything")));
    all.add(message("a lane without an end", 1, out -> out.text(1, "b" + "a".repeat(600))));
    for (long start : new long[] {0, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
      all.add(message("from " + start, 3, out -> out.text(1, "*").number(2, start)));
    }
    for (long end : new long[] {4, -1, Long.MAX_VALUE}) {
      all.add(message("5 to " + end, 3, out -> out.text(1, "*").number(2, 5).number(3, end)));
    }
    // answers
    for (long cursor : new long[] {-1, Long.MAX_VALUE}) {
      all.add(message("cursor " + cursor, 2, out -> out.number(1, cursor)));
      all.add(message("topmost " + cursor, 4, out -> out.number(1, cursor)));
      all.add(message("cursor of an offer " + cursor, 4, out -> out.number(5, cursor)));
    }
    all.add(item("no CID", out -> out.number(2, 1)));
    all.add(item("half a CID", out -> out.bytes(1, Arrays.copyOf(cid, 20)).number(2, 1)));
    all.add(item("more than a CID", out -> out.bytes(1, Arrays.copyOf(cid, 37)).number(2, 1)));
    all.add(
        item(
            "a digest too long",
            out -> out.bytes(1, hex("01551241" + "11".repeat(65))).number(2, 1)));
    all.add(item("an identity CID", out -> out.bytes(1, identity.bytes()).number(2, 1)));
    all.add(item("a CID of zeros", out -> out.bytes(1, zero.bytes()).number(2, 1)));
    for (long number : new long[] {0, -1, Long.MAX_VALUE}) {
      all.add(item("number " + number, out -> out.bytes(1, cid).number(2, number)));
    }
    all.add(item("above topmost", out -> out.bytes(1, cid).number(2, 1001)));
    for (long size : new long[] {Pullsync.BLOCK_BYTES + 1L, 1L << 32, -1}) {
      all.add(item("block of " + size, out -> out.bytes(1, cid).number(2, 1).number(3, size)));
    }
    all.add(
        item("a kind of item that is none", out -> out.bytes(1, cid).number(2, 1).number(4, 3)));
    all.add(item("a listing without one", out -> out.bytes(1, cid).number(2, 1).number(4, 1)));
    all.add(
        item(
            "two listings at once",
            out ->
                out.bytes(1, cid)
                    .number(2, 1)
                    .number(4, 1)
                    .message(5, listing(1))
                    .message(5, listing(2))));
    all.add(item("a removal of nothing", out -> out.bytes(1, cid).number(2, 1).number(4, 2)));
    all.add(
        item(
            "a removal of too much",
            out -> {
              out.bytes(1, cid).number(2, 1).number(4, 2);
              for (int i = 0; i <= Pullsync.LISTINGS; i++) {
                out.message(5, listing(i + 1));
              }
            }));
    all.add(
        item(
            "a listing numbered 2^64 - 1",
            out -> out.bytes(1, cid).number(2, 1).number(4, 1).message(5, listing(-1))));
    all.add(
        item(
            "a name too long",
            out ->
                out.bytes(1, cid)
                    .number(2, 1)
                    .number(4, 1)
                    .message(5, listing(1))
                    .text(7, "é".repeat(Pullsync.NAME_BYTES / 2) + "x")));
    all.add(
        message(
            "numbers that do not rise",
            4,
            out -> out.number(1, 9).message(2, block(BLOCK, 2, 1)).message(2, block(BLOCK, 2, 1))));
    all.add(
        message(
            "more items than a page has",
            4,
            out -> {
              out.number(1, 1000);
              for (int i = 0; i <= Pullsync.ITEMS; i++) {
                out.message(2, block(BLOCK, i + 1L, 1));
              }
            }));
    all.add(
        message(
            "more bytes than a page has",
            4,
            out ->
                out.number(1, 9)
                    .message(2, block(BLOCK, 1, Pullsync.PAGE_BYTES - 1))
                    .message(2, block(BLOCK, 2, 2))));
    all.add(message("a delivery of nothing", 6, out -> out.bytes(2, DATA)));
    all.add(
        message(
            "a block too long",
            6,
            out -> out.bytes(1, cid).bytes(2, new byte[Pullsync.BLOCK_BYTES + 1])));
    all.add(
        message(
            "a block that is gone and comes",
            6,
            out -> out.bytes(1, cid).bytes(2, DATA).number(3, 1)));
    all.add(
        message(
            "a text too long",
            7,
            out -> out.number(1, 1).text(2, "x".repeat(Pullsync.TEXT_BYTES + 1))));
    return all;
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void givenWhatCannotBe_thenTypedError(Malformed malformed) {
    assertThrows(
        ProtocolException.class, () -> PullsyncMessages.decode(malformed.bytes().duplicate()));
  }

  @Test
  void givenCodesOfALaterVersion_thenANoAllTheSame() {
    assertEquals(
        PullsyncError.of(PullsyncError.Code.REFUSED, "x"), decode(hex("3a05 0863 1201 78")));
    Delivery refused = (Delivery) decode(hex("3228 0a24" + BLOCK_HEX + "1863"));
    assertEquals(Delivery.Status.REFUSED, refused.status());
  }

  @Test
  void givenBits_thenOnlyThoseOfAnOfferCount() {
    List<Item> items =
        new ArrayList<>(
            Collections.nCopies(8, new Item(1, BLOCK, new Item.ListedRoot(LISTING, true, ""))));
    for (int i = 0; i < 7; i++) {
      items.set(i, new Item(i + 1L, BLOCK, new Item.OfferedBlock(1)));
    }
    items.set(7, new Item(8, BLOCK, new Item.RemovedRoot(List.of(LISTING))));
    Offer offer = new Offer(8, items, 1, false, 8);
    for (String taken : List.of("7f", "7f00", "0000", "01")) {
      new Want(ByteBuffer.wrap(hex(taken))).requireFor(offer);
    }
    for (String refused : List.of("", "80", "0001", "000000")) {
      Want want = new Want(ByteBuffer.wrap(hex(refused)));
      assertEquals(
          BadPullsync.CODE,
          assertThrows(ProtocolException.class, () -> want.requireFor(offer)).code(),
          refused);
    }
    assertTrue(Want.of(8, item -> item == 3).wants(3));
    assertFalse(Want.of(8, item -> item == 3).wants(4));
  }
}
