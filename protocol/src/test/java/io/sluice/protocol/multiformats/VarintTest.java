package io.sluice.protocol.multiformats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VarintTest {
  @ParameterizedTest
  @CsvSource({
    "0, 00",
    "1, 01",
    "127, 7f",
    "128, 8001",
    "255, ff01",
    "300, ac02",
    "16384, 808001",
    "9223372036854775807, ffffffffffffffff7f"
  })
  void bothWays(long value, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);

    assertArrayEquals(bytes, Varint.encode(value));
    assertEquals(bytes.length, Varint.size(value));
    assertEquals(value, Varint.read(ByteBuffer.wrap(bytes)));
  }

  @ParameterizedTest
  @CsvSource({
    "8000, DECODE_NOT_CANONICAL",
    "ff00, DECODE_NOT_CANONICAL",
    "ffffffffffffffffff01, DECODE_NOT_CANONICAL",
    "80, DECODE_TRUNCATED",
    "'', DECODE_TRUNCATED"
  })
  void refused(String hex, String code) {
    ByteBuffer in = ByteBuffer.wrap(HexFormat.of().parseHex(hex));

    assertEquals(code, assertThrows(ProtocolException.class, () -> Varint.read(in)).code());
  }

  @Test
  void everyLengthOfBits() {
    for (int bits = 0; bits < 63; bits++) {
      for (long value : new long[] {1L << bits, (1L << bits) - 1, (1L << bits) | 1}) {
        assertEquals(value, Varint.read(ByteBuffer.wrap(Varint.encode(value))));
      }
    }
  }
}
