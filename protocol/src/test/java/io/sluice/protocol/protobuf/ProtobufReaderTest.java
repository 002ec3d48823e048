package io.sluice.protocol.protobuf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.protobuf.ProtobufReader.Dialect;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ProtobufReaderTest {
  private static ProtobufReader reader(String hex, Dialect dialect) {
    return new ProtobufReader(ByteBuffer.wrap(HexFormat.of().parseHex(hex)), dialect);
  }

  /** What reading the first field as a number gives: the number, or the code of the error. */
  private static String number(String hex, Dialect dialect) {
    ProtobufReader in = reader(hex, dialect);
    try {
      assertTrue(in.next());
      return Long.toString(in.number());
    } catch (ProtocolException e) {
      return e.code();
    }
  }

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void givenFieldsOfAllWireTypes_thenReadOrPassedOver(Dialect dialect) {
    ProtobufReader in =
        reader(
            "0896 01".replace(" ", "")
                + "1203616263"
                + "190102030405060708"
                + "2501020304"
                + "28ff7f",
            dialect);

    assertTrue(in.next());
    assertEquals(1, in.field());
    assertEquals(8, in.tag());
    assertEquals(150, in.number());
    assertTrue(in.next());
    assertEquals(2, in.field());
    assertEquals("abc", in.text());
    assertTrue(in.next());
    in.skip();
    assertTrue(in.next());
    in.skip();
    assertTrue(in.next());
    assertEquals(5, in.field());
    in.skip();
    assertFalse(in.next());
  }

  @ParameterizedTest
  @CsvSource({
    // not minimal, and the largest of ten bytes: for everybody
    "088000, 0, 0, 0",
    "0880808000, 0, 0, 0",
    "08ffffffffffffffffff01, -1, -1, -1",
    // a tenth byte with more than one bit
    "08ffffffffffffffffff02, DECODE_MALFORMED, 9223372036854775807, 9223372036854775807",
    "08ffffffffffffffffff7f, DECODE_MALFORMED, -1, -1",
    // an eleventh byte
    "08ffffffffffffffffffff01, DECODE_MALFORMED, DECODE_MALFORMED, MESSAGE_MALFORMED",
    // cut off
    "08, DECODE_TRUNCATED, DECODE_TRUNCATED, DECODE_TRUNCATED",
    "0880, DECODE_TRUNCATED, DECODE_TRUNCATED, DECODE_TRUNCATED",
    // another wire type
    "0a00, DECODE_MALFORMED, DECODE_MALFORMED, MESSAGE_MALFORMED",
    "0901, DECODE_MALFORMED, DECODE_MALFORMED, MESSAGE_MALFORMED",
    // field 0, the highest field, one more, two more
    "0001, DECODE_MALFORMED, DECODE_MALFORMED, MESSAGE_MALFORMED",
    "f8ffffff0f01, 1, 1, 1",
    "808080801001, DECODE_MALFORMED, DECODE_MALFORMED, 1",
    "888080801001, DECODE_MALFORMED, DECODE_MALFORMED, MESSAGE_MALFORMED"
  })
  void givenNumbersOnTheEdge_thenEachDialectReadsAsItDid(
      String hex, String ipld, String libp2p, String graphsync) {
    assertEquals(ipld, number(hex, Dialect.IPLD));
    assertEquals(libp2p, number(hex, Dialect.LIBP2P));
    assertEquals(graphsync, number(hex, Dialect.GRAPHSYNC));
  }

  @ParameterizedTest
  @CsvSource({
    "0a01, DECODE_TRUNCATED",
    "0a0261, DECODE_TRUNCATED",
    "0affffffff0f, DECODE_TRUNCATED",
    "0affffffffffffffffff01, DECODE_TRUNCATED",
    "0a, DECODE_TRUNCATED"
  })
  void givenLengthBeyondTheEnd_thenTruncatedForAll(String hex, String code) {
    for (Dialect dialect : Dialect.values()) {
      ProtobufReader in = reader(hex, dialect);
      assertTrue(in.next());
      assertEquals(code, assertThrows(ProtocolException.class, in::bytes).code());
      ProtobufReader again = reader(hex, dialect);
      assertTrue(again.next());
      assertEquals(code, assertThrows(ProtocolException.class, again::skip).code());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0b, DECODE_MALFORMED, MESSAGE_MALFORMED",
    "0c, DECODE_MALFORMED, MESSAGE_MALFORMED",
    "0e, DECODE_MALFORMED, MESSAGE_MALFORMED",
    "0f, DECODE_MALFORMED, MESSAGE_MALFORMED",
    "0900, DECODE_TRUNCATED, DECODE_TRUNCATED",
    "0d000000, DECODE_TRUNCATED, DECODE_TRUNCATED"
  })
  void givenUnknownOrShortField_whenSkipped_thenRefused(
      String hex, String others, String graphsync) {
    for (Dialect dialect : Dialect.values()) {
      ProtobufReader in = reader(hex, dialect);
      assertTrue(in.next());
      String code = assertThrows(ProtocolException.class, in::skip).code();
      assertEquals(dialect == Dialect.GRAPHSYNC ? graphsync : others, code);
    }
  }

  @Test
  void givenNumbersPackedOrNot_thenAllAreRead() {
    ProtobufReader in = reader("2005" + "220403ac0207" + "2200", Dialect.IPLD);

    assertTrue(in.next());
    assertEquals(List.of(5L), in.numbers());
    assertTrue(in.next());
    assertEquals(List.of(3L, 300L, 7L), in.numbers());
    assertTrue(in.next());
    assertEquals(List.of(), in.numbers());
    ProtobufReader cut = reader("220180", Dialect.IPLD);
    assertTrue(cut.next());
    assertEquals("DECODE_TRUNCATED", assertThrows(ProtocolException.class, cut::numbers).code());
  }

  @Test
  void givenInnerMessage_thenItEndsWithItsLength() {
    ProtobufReader in = reader("0a020801" + "1002", Dialect.LIBP2P);

    assertTrue(in.next());
    ProtobufReader inner = in.message();
    assertTrue(inner.next());
    assertEquals(1, inner.number());
    assertFalse(inner.next());
    assertTrue(in.next());
    assertEquals(2, in.number());
  }

  @Test
  void givenBytes_thenViewsOfTheInput_andEmptyOnesAreNone() {
    byte[] input = HexFormat.of().parseHex("0a0161" + "0a00");
    ProtobufReader in = new ProtobufReader(ByteBuffer.wrap(input), Dialect.GRAPHSYNC);

    assertTrue(in.next());
    ByteBuffer view = in.bytes();
    input[2] = 'b';
    assertEquals('b', view.get(0));
    assertTrue(in.next());
    assertEquals(Optional.empty(), in.bytesIfAny());
  }

  @Test
  void givenTextThatIsNotUtf8_thenReplaced() {
    ProtobufReader in = reader("0a03ff41fe", Dialect.LIBP2P);

    assertTrue(in.next());
    assertEquals("\ufffdA\ufffd", in.text());
  }

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void givenEveryPrefixAndFlippedByte_thenFieldsOrTypedError(Dialect dialect) {
    byte[] whole =
        new ProtobufWriter()
            .number(1, 300)
            .text(2, "some text")
            .message(3, new ProtobufWriter().number(1, -1).bytes(2, new byte[40]))
            .number(4, Long.MAX_VALUE)
            .toBytes();
    for (int length = 0; length <= whole.length; length++) {
      readAll(whole, length, dialect);
    }
    for (int at = 0; at < whole.length; at++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] flipped = whole.clone();
        flipped[at] ^= (byte) (1 << bit);
        readAll(flipped, flipped.length, dialect);
      }
    }
    assertEquals(4, readAll(whole, whole.length, dialect));
  }

  private static int readAll(byte[] bytes, int length, Dialect dialect) {
    ProtobufReader in = new ProtobufReader(ByteBuffer.wrap(bytes, 0, length), dialect);
    int fields = 0;
    try {
      while (in.next()) {
        in.skip();
        fields++;
      }
    } catch (ProtocolException e) {
      if (!List.of("DECODE_TRUNCATED", "DECODE_MALFORMED", "MESSAGE_MALFORMED")
          .contains(e.code())) {
        fail("unexpected code " + e.code());
      }
      return -1;
    }
    return fields;
  }

  @Test
  void givenWriter_thenGoldenBytes() {
    byte[] bytes =
        new ProtobufWriter()
            .number(1, 0)
            .numberUnlessZero(2, 0)
            .numberUnlessZero(2, -1)
            .text(16, "é")
            .message(4, new ProtobufWriter().bytes(1, new byte[] {1, 2}))
            .toBytes();

    assertEquals(
        "0800" + "10ffffffffffffffffff01" + "820102c3a9" + "22040a020102",
        HexFormat.of().formatHex(bytes));
  }

  @Test
  void givenLargeBytes_whenWritten_thenTheyStandUncopied() {
    byte[] large = new byte[5000];
    ProtobufWriter out =
        new ProtobufWriter().number(1, 7).bytes(2, ByteBuffer.wrap(large)).number(3, 9);
    long size = out.size();
    large[4999] = 42;

    List<ByteBuffer> parts = out.parts();
    assertEquals(size, parts.stream().mapToInt(ByteBuffer::remaining).sum());
    assertArrayEquals(out.toBytes(), out.toBytes());
    ProtobufReader in = new ProtobufReader(ByteBuffer.wrap(out.toBytes()), Dialect.IPLD);
    assertTrue(in.next());
    assertEquals(7, in.number());
    assertTrue(in.next());
    assertEquals(42, in.byteArray()[4999]);
    assertTrue(in.next());
    assertEquals(9, in.number());
    assertFalse(in.next());
  }

  @Test
  void givenManySmallFields_whenWritten_thenNoneIsLost() {
    ProtobufWriter out = new ProtobufWriter();
    for (int i = 0; i < 3000; i++) {
      out.message(
          1,
          new ProtobufWriter()
              .number(1, i)
              .bytes(2, "x".repeat(i % 50).getBytes(StandardCharsets.US_ASCII)));
    }
    ProtobufReader in = new ProtobufReader(ByteBuffer.wrap(out.toBytes()), Dialect.LIBP2P);
    for (int i = 0; i < 3000; i++) {
      assertTrue(in.next());
      ProtobufReader inner = in.message();
      assertTrue(inner.next());
      assertEquals(i, inner.number());
      assertTrue(inner.next());
      assertEquals(i % 50, inner.bytes().remaining());
    }
    assertFalse(in.next());
  }
}
