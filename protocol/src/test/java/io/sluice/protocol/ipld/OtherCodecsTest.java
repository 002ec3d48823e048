package io.sluice.protocol.ipld;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OtherCodecsTest {
  private static final Cid LEAF = Cid.sha2_256(Codec.RAW, ByteBuffer.allocate(0));

  @Test
  void dagPbSortsWhenWrittenOnly() {
    PbNode node =
        new PbNode(
            Optional.empty(),
            List.of(
                PbLink.of("b", 1, LEAF),
                new PbLink(Optional.empty(), OptionalLong.empty(), LEAF),
                PbLink.of("a", -1, LEAF),
                PbLink.of("", 3, LEAF)));

    PbNode read = DagPb.decode(ByteBuffer.wrap(DagPb.encode(node)));

    assertEquals(List.of("", "", "a", "b"), read.links().stream().map(PbLink::nameText).toList());
    assertFalse(read.links().getFirst().name().isPresent());
    assertEquals(
        "18446744073709551615",
        read.toNode().get("Links").asList().get(2).get("Tsize").asBigInteger().toString());
    byte[] unsorted = DagPb.encode(new PbNode(Optional.empty(), List.of(PbLink.of("b", 1, LEAF))));
    byte[] other = DagPb.encode(new PbNode(Optional.empty(), List.of(PbLink.of("a", 1, LEAF))));
    byte[] both = Arrays.copyOf(unsorted, unsorted.length + other.length);
    System.arraycopy(other, 0, both, unsorted.length, other.length);
    assertEquals("b", DagPb.decode(ByteBuffer.wrap(both)).links().getFirst().nameText());
    assertEquals(read, PbNode.of(read.toNode()));
  }

  @Test
  void dagPbDataStandsWhereItCan() {
    byte[] data = HexFormat.of().parseHex("0a01ff");
    byte[] link = DagPb.encode(new PbNode(Optional.empty(), List.of(PbLink.of("a", 1, LEAF))));

    for (byte[][] parts :
        new byte[][][] {{data, link}, {link, data}, {data, link, link}, {link, link, data}}) {
      assertEquals(parts.length - 1, DagPb.decode(join(parts)).links().size());
    }
    for (byte[][] parts : new byte[][][] {{link, data, link}, {data, data}, {data, link, data}}) {
      assertThrows(ProtocolException.class, () -> DagPb.decode(join(parts)));
    }
  }

  private static ByteBuffer join(byte[]... parts) {
    ByteBuffer joined = ByteBuffer.allocate(1024);
    for (byte[] part : parts) {
      joined.put(part);
    }
    return joined.flip();
  }

  @Test
  void dagPbPrefixesAndFlips() {
    Random random = new Random(3);
    List<PbLink> links = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      links.add(PbLink.of("name" + i, random.nextInt(1 << 20), LEAF));
    }
    byte[] bytes = DagPb.encode(new PbNode(Optional.of(ByteBuffer.wrap(new byte[] {8, 1})), links));
    for (int i = 0; i < bytes.length; i++) {
      tryPb(Arrays.copyOf(bytes, i));
      for (int bit = 0; bit < 8; bit++) {
        byte[] flipped = bytes.clone();
        flipped[i] ^= (byte) (1 << bit);
        tryPb(flipped);
      }
    }
  }

  private static void tryPb(byte[] bytes) {
    try {
      PbNode node = DagPb.decode(ByteBuffer.wrap(bytes));
      byte[] written = DagPb.encode(node);
      assertArrayEquals(written, DagPb.encode(DagPb.decode(ByteBuffer.wrap(written))));
    } catch (ProtocolException refused) {
      assertFalse(refused.code().isEmpty());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[1,]",
        "[1 2]",
        "{\"a\":1,}",
        "01",
        "1.",
        "+1",
        "-",
        "1e999",
        "tru",
        "nulll",
        "\"",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\n\"",
        "{\"/\":1}",
        "{\"/\":\"\"}",
        "{\"/\":{\"bytes\":\"?\"}}",
        "{\"/\":{\"other\":\"\"}}",
        "18446744073709551616",
        "{\"a\":1}{}"
      })
  void dagJsonRefused(String text) {
    assertThrows(ProtocolException.class, () -> DagJson.decode(text));
  }

  @Test
  void dagJsonRead() {
    Node node =
        DagJson.decode(" { \"b\" : [ 1 , -1.5e0 ] ,\n\t\"a\" : \"\\u00e9\\ud83d\\ude00\\/\" } ");

    assertEquals(
        "{\"a\":\"é😀/\",\"b\":[1,-1.5]}",
        new String(DagJson.encode(node), StandardCharsets.UTF_8));
    assertEquals("1.0", new String(DagJson.encode(Node.of(1.0)), StandardCharsets.UTF_8));
    assertThrows(ProtocolException.class, () -> DagJson.encode(Node.map().put("/", "x").build()));
    assertThrows(ProtocolException.class, () -> DagJson.encode(Node.Text.ofBytes(new byte[] {-1})));
    assertEquals(
        "DECODE_DEPTH",
        assertThrows(ProtocolException.class, () -> DagJson.decode("[".repeat(100))).code());
  }

  @Test
  void dagJsonRoundTrips() {
    Random random = new Random(5);
    for (int round = 0; round < 60; round++) {
      byte[] bytes = DagJson.encode(DagCborTest.node(random, 3));
      assertArrayEquals(
          bytes, DagJson.encode(DagJson.decode(ByteBuffer.wrap(bytes), Limits.BLOCK)));
      for (int i = 0; i < bytes.length; i += 7) {
        byte[] flipped = bytes.clone();
        flipped[i] ^= (byte) (1 << random.nextInt(8));
        try {
          DagJson.encode(DagJson.decode(ByteBuffer.wrap(flipped), Limits.BLOCK));
        } catch (ProtocolException refused) {
          assertFalse(refused.code().isEmpty());
        }
      }
    }
  }

  @Test
  void unknownCodec() {
    assertEquals(
        "CODEC_UNKNOWN",
        assertThrows(ProtocolException.class, () -> Codecs.decode(0x7b, ByteBuffer.allocate(1)))
            .code());
  }
}
