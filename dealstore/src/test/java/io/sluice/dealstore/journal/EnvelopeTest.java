package io.sluice.dealstore.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CBOR by hand (RFC 8949): 82 is an array of two, 64 a text of four, 42 two bytes. */
class EnvelopeTest {
  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  @Test
  void kindAndValue() throws JournalDamaged {
    byte[] written = Envelope.write("test", bytes("0a0b"));

    assertArrayEquals(bytes("826474657374420a0b"), written);
    assertEquals("test", Envelope.read(written).kind());
    assertArrayEquals(bytes("0a0b"), Envelope.read(written).value());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // nothing
        "83647465737442 0a0b 01", // one thing too many
        "81 6474657374", // one too few
        "82 6474657374 42 0a", // cut off
        "82 42 0a0b 6474657374", // the other way round
        "82 6474657374 62 6162", // a text for a value
        "a1 6474657374 42 0a0b", // a map
      })
  void anythingElse_damaged(String hex) {
    byte[] payload = bytes(hex.replace(" ", ""));
    assertThrows(JournalDamaged.class, () -> Envelope.read(payload));
  }
}
