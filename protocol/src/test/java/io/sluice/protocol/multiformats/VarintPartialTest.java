package io.sluice.protocol.multiformats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VarintPartialTest {
  private static Varint.Partial fed(String hex) {
    Varint.Partial number = new Varint.Partial();
    byte[] bytes = HexFormat.of().parseHex(hex);
    for (int i = 0; i < bytes.length; i++) {
      assertEquals(i == bytes.length - 1, number.take(bytes[i]), "byte " + i + " of " + hex);
    }
    return number;
  }

  @ParameterizedTest
  @CsvSource({
    "00, 0, 1, true",
    "01, 1, 1, true",
    "7f, 127, 1, true",
    "8001, 128, 2, true",
    "ff7f, 16383, 2, true",
    "808001, 16384, 3, true",
    "8000, 0, 2, false",
    "ff00, 127, 2, false",
    "80808000, 0, 4, false",
    "ffffffffffffffff7f, 9223372036854775807, 9, true",
    "ffffffffffffffffff01, -1, 10, true"
  })
  void givenBytes_thenValueSizeAndShortness(String hex, long value, int size, boolean minimal) {
    Varint.Partial number = fed(hex);

    assertEquals(value, number.value());
    assertEquals(size, number.size());
    assertEquals(minimal, number.isMinimal());
  }

  @Test
  void givenTenBytes_thenOnlyBitsBeyondThe64thExceed() {
    assertFalse(fed("ffffffffffffffffff00").exceeds64Bits());
    assertFalse(fed("ffffffffffffffffff01").exceeds64Bits());
    assertTrue(fed("ffffffffffffffffff02").exceeds64Bits());
    assertTrue(fed("ffffffffffffffffff7f").exceeds64Bits());
    assertEquals(Long.MAX_VALUE, fed("ffffffffffffffffff02").value());
  }

  @ParameterizedTest
  @CsvSource({
    "7f55, 4, true, 1",
    "80015555, 4, true, 2",
    "8080808055, 4, false, 4",
    "8055, 1, false, 1"
  })
  void givenReader_thenNoByteIsTakenBehindTheNumberOrBeyondTheMost(
      String hex, int most, boolean whole, int taken) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    Varint.Partial number = new Varint.Partial();

    assertEquals(whole, number.takeAll(bytes::get, most));
    assertEquals(taken, bytes.position());
    assertEquals(taken, number.size());
  }

  @ParameterizedTest
  @CsvSource({
    "8000, DECODE_NOT_CANONICAL",
    "ff00, DECODE_NOT_CANONICAL",
    "80, DECODE_TRUNCATED",
    "'', DECODE_TRUNCATED",
    "ffffffffffffffffff, DECODE_NOT_CANONICAL",
    "ffffffffffffffffff01, DECODE_NOT_CANONICAL",
    "ffffffffffffffff, DECODE_TRUNCATED"
  })
  void givenMultiformats_thenOnlyShortestFormsOf63BitsAreRead(String hex, String code) {
    ByteBuffer in = ByteBuffer.wrap(HexFormat.of().parseHex(hex));

    assertEquals(code, assertThrows(ProtocolException.class, () -> Varint.read(in)).code());
  }

  @Test
  void givenAll64Bits_whenWritten_thenTheyReadBack() {
    Random random = new Random(64);
    for (int i = 0; i < 2000; i++) {
      long bits = random.nextLong() >>> random.nextInt(64);
      ByteBuffer out = ByteBuffer.allocate(Varint.MAX_BITS_SIZE);
      Varint.writeBits(out, bits);
      Varint.Partial back = fed(HexFormat.of().formatHex(out.array(), 0, out.position()));

      assertEquals(bits, back.value());
      assertTrue(back.isMinimal());
      if (bits >= 0) {
        assertEquals(Varint.size(bits), out.position());
        assertArrayEquals(
            Varint.encode(bits), java.util.Arrays.copyOf(out.array(), out.position()));
      }
    }
  }

  @Test
  void givenNegative_thenOnlyBitsCanBeWritten() {
    assertThrows(IllegalArgumentException.class, () -> Varint.write(ByteBuffer.allocate(10), -1));
    assertThrows(IllegalArgumentException.class, () -> Varint.encode(Long.MIN_VALUE));
    ByteBuffer out = ByteBuffer.allocate(10);
    Varint.writeBits(out, Long.MIN_VALUE);
    assertEquals(10, out.position());
  }
}
