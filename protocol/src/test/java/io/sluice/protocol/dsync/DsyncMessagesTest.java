package io.sluice.protocol.dsync;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.TestJson;
import io.sluice.protocol.libp2p.WrittenStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages as recorded, and as they should not be. */
class DsyncMessagesTest {
  private static final int MAX_BODY = 1 << 20;

  private static Optional<DsyncMessage> read(byte[] bytes) throws IOException {
    return DsyncMessages.read(WrittenStream.of(bytes, 100), MAX_BODY);
  }

  @Test
  void givenRecordedMessages_thenReadAndWrittenByteForByte() throws IOException {
    int messages = 0;
    for (Map<String, Object> line :
        TestJson.readLines(DsyncMessagesTest.class, "libp2p/push-5-pin-meta.jsonl")) {
      if (line.get("base64") instanceof String base64) {
        byte[] bytes = Base64.getDecoder().decode(base64);
        DsyncMessage message = read(bytes).orElseThrow();
        assertArrayEquals(bytes, DsyncMessages.encode(message));
        assertEquals("reply".equals(line.get("dir")), message.isAnswer());
        messages++;
      }
    }
    assertTrue(messages >= 12, "messages: " + messages);
  }

  @Test
  void givenTwoMessagesAndWhiteSpace_thenTheFirstIsRead() throws IOException {
    byte[] odd = message("{ \"Type\" : \"x}\\\"{\", \"Headers\": {\"a\":\"}\"}, \"More\": [1] }");
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(odd);
    both.writeBytes(odd);
    DsyncMessage read = read(both.toByteArray()).orElseThrow();
    assertEquals("x}\"{", read.type());
    assertEquals("}", read.header("a"));
    assertTrue(read(new byte[0]).isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "BAD_MANIFEST | {\"Type\":\"x\",\"Body\":\"not base64!\"}",
        "DECODE_SCHEMA | {\"Type\":1}",
        "DECODE_SCHEMA | {\"Headers\":[]}",
        "DECODE_TRUNCATED | {\"Type\":\"x\"",
        "DECODE_MALFORMED | {\"Type\" \"x\"}",
        "DECODE_MALFORMED | }",
        "DECODE_MALFORMED | {\"Type\":\"plain, then \u0001\"}",
        "DECODE_MALFORMED | {\"Type\":\"an \\\\n, then \u0001\"}",
      })
  void givenBadMessage_thenTypedError(String code, String json) {
    ProtocolException refused = assertThrows(ProtocolException.class, () -> read(message(json)));
    assertEquals(code, refused.code());
  }

  @Test
  void givenAnotherFormatOrTooMuch_thenTypedError() {
    byte[] other = "\u0006/cbor\n{}".getBytes(StandardCharsets.UTF_8);
    assertEquals(BadManifest.CODE, assertThrows(ProtocolException.class, () -> read(other)).code());
    byte[] huge = message("{\"Body\":\"" + "A".repeat(2 * MAX_BODY) + "\"}");
    assertEquals(
        ProtocolException.MESSAGE_TOO_LARGE,
        assertThrows(ProtocolException.class, () -> read(huge)).code());
  }

  private static byte[] message(String json) {
    return ("\u0006/json\n" + json + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
