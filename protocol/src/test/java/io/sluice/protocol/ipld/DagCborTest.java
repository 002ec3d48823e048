package io.sluice.protocol.ipld;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DagCborTest {
  private static final long SEED = Long.getLong("sluice.seed", 42);

  private static ByteBuffer hex(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
  }

  @ParameterizedTest
  @CsvSource({
    "1800, 0",
    "190017, 23",
    "1a000000ff, 255",
    "1b00000000ffffffff, 4294967295",
    "3800, -1",
    "5800, bytes",
    "7800, text",
    "9800, []",
    "b800, {}",
    "f93c00, 1.0",
    "fa3f800000, 1.0",
    "f97e00, NaN",
    "f7, undefined",
    "a2626161016162 02, unsorted",
    "61ff, not UTF-8"
  })
  void readFromPeersButNotStrict(String bytes, String what) {
    String compact = bytes.replace(" ", "");
    DagCbor.decode(hex(compact), Limits.BLOCK);

    assertEquals(
        "DECODE_NOT_CANONICAL",
        assertThrows(
                ProtocolException.class,
                () -> DagCbor.decodeStrict(hex(compact), Limits.BLOCK),
                what)
            .code());
  }

  @ParameterizedTest
  @CsvSource({
    "'', DECODE_TRUNCATED, nothing",
    "0000, DECODE_MALFORMED, a byte behind",
    "5f4100ff, DECODE_MALFORMED, indefinite bytes",
    "9fff, DECODE_MALFORMED, indefinite list",
    "bfff, DECODE_MALFORMED, indefinite map",
    "a10102, DECODE_MALFORMED, a number as key",
    "a2616101616102, DECODE_MALFORMED, a key twice",
    "c100, DECODE_MALFORMED, another tag",
    "d82a00, BAD_CID, a link that is a number",
    "d82a4101, BAD_CID, a link without its prefix",
    "d82a4100, DECODE_TRUNCATED, an empty link",
    "e0, DECODE_MALFORMED, simple value",
    "f818, DECODE_MALFORMED, simple value",
    "1c, DECODE_MALFORMED, reserved",
    "9affffffff, DECODE_TRUNCATED, a list longer than the input",
    "9bffffffffffffffff, DECODE_TRUNCATED, a list longer than anything",
    "bb7fffffffffffffff, DECODE_TRUNCATED, a map longer than anything",
    "5b7fffffffffffffff, DECODE_TRUNCATED, bytes longer than the input",
    "7b8000000000000000, DECODE_TRUNCATED, text longer than anything"
  })
  void refused(String bytes, String code, String what) {
    assertEquals(
        code,
        assertThrows(ProtocolException.class, () -> DagCbor.decode(hex(bytes), Limits.BLOCK), what)
            .code());
  }

  @Test
  void largeNumbers() {
    for (String number :
        List.of(
            "18446744073709551615",
            "9223372036854775808",
            "-9223372036854775809",
            "-18446744073709551616")) {
      Node node = Node.of(new BigInteger(number));
      assertEquals(
          node, DagCbor.decodeStrict(ByteBuffer.wrap(DagCbor.encode(node)), Limits.MESSAGE));
      assertThrows(ProtocolException.class, node::asLong);
    }
    assertEquals(Long.MIN_VALUE, DagCbor.decode(DagCbor.encode(Node.of(Long.MIN_VALUE))).asLong());
    assertThrows(IllegalArgumentException.class, () -> Node.of(BigInteger.ONE.shiftLeft(64)));
    assertThrows(ProtocolException.class, () -> DagCbor.encode(Node.of(Double.NaN)));
  }

  @Test
  void textKeepsItsBytes() {
    byte[] wire = HexFormat.of().parseHex("a163fffe00f5");

    Node node = DagCbor.decode(wire);

    assertArrayEquals(new byte[] {-1, -2, 0}, node.asMap().key(0).bytes());
    assertArrayEquals(wire, DagCbor.encode(node));
  }

  @Test
  void orderOfKeys() {
    Node node = Node.map().put("bb", 1).put("c", 2).put("aa", 3).build();

    assertEquals("a361630262616103626262" + "01", HexFormat.of().formatHex(DagCbor.encode(node)));
    byte[] declared = DagCbor.encodeInOrder(node);
    assertEquals("a362626201616302626161" + "03", HexFormat.of().formatHex(declared));
    assertEquals(node, DagCbor.decode(declared));
  }

  @Test
  void bytesAreViews() {
    ByteBuffer input = ByteBuffer.allocateDirect(5000);
    input.put(DagCbor.encode(Node.list(Node.of(new byte[4500]), Node.of(1)))).flip();

    ByteBuffer bytes =
        DagCbor.decode(input.duplicate(), Limits.MESSAGE).asList().getFirst().asBytes();

    assertTrue(bytes.isDirect());
    assertTrue(bytes.isReadOnly());
    List<ByteBuffer> parts = DagCbor.encodeParts(Node.list(Node.of(bytes), Node.of(1)));
    assertEquals(3, parts.size());
    assertTrue(parts.get(1).isDirect());
    ByteBuffer whole = input.duplicate();
    assertEquals(whole, ByteBuffer.wrap(CodecFixturesTest.joined(parts)));
  }

  @Test
  void depth() {
    for (int depth : new int[] {512, 513}) {
      byte[] nested = new byte[depth];
      Arrays.fill(nested, (byte) 0x81);
      nested[depth - 1] = (byte) 0x80;
      if (depth == 512) {
        byte[] again = DagCbor.encode(DagCbor.decode(ByteBuffer.wrap(nested), Limits.BLOCK));
        assertArrayEquals(nested, again);
      } else {
        assertEquals(
            "DECODE_DEPTH",
            assertThrows(
                    ProtocolException.class,
                    () -> DagCbor.decode(ByteBuffer.wrap(nested), Limits.BLOCK))
                .code());
      }
    }
  }

  @Test
  void memory() {
    // A million empty maps by name cost more than they take on the wire.
    byte[] many = new byte[1 << 20];
    Arrays.fill(many, (byte) 0x20);
    many[0] = (byte) 0x9a;
    ByteBuffer.wrap(many).putInt(1, many.length - 5);
    Limits tight = new Limits(8, 1 << 20);

    assertEquals(
        "DECODE_BUDGET",
        assertThrows(ProtocolException.class, () -> DagCbor.decode(ByteBuffer.wrap(many), tight))
            .code());
  }

  @Test
  void prefix() {
    ByteBuffer in = hex("0102");
    assertEquals(1, DagCbor.decodePrefix(in, Limits.MESSAGE).asLong());
    assertEquals(2, DagCbor.decodePrefix(in, Limits.MESSAGE).asLong());
    assertFalse(in.hasRemaining());
  }

  @Test
  void roundTripsPrefixesAndFlips() {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    for (int round = 0; round < 100; round++) {
      Node node = node(random, 3);
      byte[] bytes = DagCbor.encode(node);
      Node read = DagCbor.decodeStrict(ByteBuffer.wrap(bytes), Limits.BLOCK);
      assertArrayEquals(bytes, DagCbor.encode(read));
      assertEquals(
          read, DagCbor.decode(ByteBuffer.wrap(DagCbor.encodeInOrder(read)), Limits.BLOCK));
      assertEquals(
          node, DagCbor.decode(ByteBuffer.wrap(DagCbor.encodeInOrder(node)), Limits.BLOCK));
      for (int length = 0; length < bytes.length; length++) {
        byte[] prefix = Arrays.copyOf(bytes, length);
        assertThrows(
            ProtocolException.class, () -> DagCbor.decode(ByteBuffer.wrap(prefix), Limits.BLOCK));
      }
      for (int flip = 0; flip < bytes.length; flip++) {
        byte[] flipped = bytes.clone();
        flipped[flip] ^= (byte) (1 << random.nextInt(8));
        valueOrRefusal(flipped);
      }
    }
  }

  private static void valueOrRefusal(byte[] bytes) {
    Node node;
    try {
      node = DagCbor.decode(ByteBuffer.wrap(bytes), Limits.BLOCK);
    } catch (ProtocolException refused) {
      assertFalse(refused.code().isEmpty());
      return;
    }
    try {
      assertArrayEquals(
          bytes, DagCbor.encode(DagCbor.decodeStrict(ByteBuffer.wrap(bytes), Limits.BLOCK)));
    } catch (ProtocolException notStrict) {
      assertTrue(node != null);
    }
  }

  static Node node(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 9 : 7)) {
      case 0 -> Node.ofNull();
      case 1 -> Node.of(random.nextBoolean());
      case 2 -> Node.of(random.nextLong() >> random.nextInt(64));
      case 3 -> Node.of(random.nextGaussian());
      case 4 -> Node.of(text(random));
      case 5 -> {
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        yield Node.of(bytes);
      }
      case 6 ->
          Node.of(Cid.sha2_256(Codec.RAW, ByteBuffer.wrap(new byte[] {(byte) random.nextInt()})));
      case 7 -> {
        List<Node> items = new ArrayList<>();
        for (int i = random.nextInt(12); i > 0; i--) {
          items.add(node(random, depth - 1));
        }
        yield Node.list(items);
      }
      default -> {
        Node.MapBuilder map = Node.map();
        for (int i = random.nextInt(12); i > 0; i--) {
          map.put(text(random) + i, node(random, depth - 1));
        }
        yield map.build();
      }
    };
  }

  private static String text(Random random) {
    return random
        .ints(random.nextInt(30), 0, 0x2000)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  @Test
  void emptyTextIsShared() {
    Node list = DagCbor.decode(HexFormat.of().parseHex("826060"));
    assertSame(list.asList().get(0), list.asList().get(1));
  }
}
