package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Varint;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MultistreamLengthTest {
  /** The length that the bytes say, -1 if more of them have to come, -2 if they are refused. */
  private static long length(String hex) {
    Varint.Partial length = new Varint.Partial();
    for (byte next : HexFormat.of().parseHex(hex)) {
      try {
        if (Multistream.takeLength(length, next)) {
          return length.value();
        }
      } catch (ProtocolException e) {
        assertEquals("MESSAGE_TOO_LARGE", e.code());
        return -2;
      }
    }
    return -1;
  }

  @ParameterizedTest
  @CsvSource({
    "00, -2",
    "01, 1",
    "7f, 127",
    "80, -1",
    "8001, 128",
    "8000, -2",
    "ff00, -2",
    "8008, 1024",
    "8108, -2",
    "ff7f, -2",
    "8080, -2",
    "8180, -2"
  })
  void givenBytes_thenOneOrTwoInTheShortestForm(String hex, long expected) {
    assertEquals(expected, length(hex));
  }

  @Test
  void givenEncodedLines_thenTheyReadBackOneByOne() {
    String longest = "/" + "x".repeat(Multistream.MAX_MESSAGE - 2);
    ByteBuf in =
        Unpooled.wrappedBuffer(
            Multistream.encode("", "/a", "x".repeat(126), "x".repeat(127), longest));

    assertEquals("", Multistream.tryRead(in));
    assertEquals("/a", Multistream.tryRead(in));
    assertEquals("x".repeat(126), Multistream.tryRead(in));
    assertEquals("x".repeat(127), Multistream.tryRead(in));
    assertEquals(longest, Multistream.tryRead(in));
    assertEquals(0, in.readableBytes());
    assertThrows(IllegalArgumentException.class, () -> Multistream.encode(longest + "x"));
  }

  @Test
  void givenEveryPrefix_thenNothingIsTakenUntilItIsWhole() {
    byte[] whole = Multistream.encode("x".repeat(200));
    for (int length = 0; length < whole.length; length++) {
      ByteBuf in = Unpooled.wrappedBuffer(whole, 0, length);
      assertEquals(null, Multistream.tryRead(in));
      assertEquals(0, in.readerIndex());
    }
  }
}
