package io.sluice.protocol.multiformats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.TestJson;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The published tables; see NOTICE beside them. */
class MultiformatsVectorsTest {
  private static final Map<String, Long> FUNCTIONS =
      Map.of(
          "sha2-256",
          Multihash.SHA2_256,
          "sha2-512",
          Multihash.SHA2_512,
          "blake3",
          Multihash.BLAKE3);

  @Test
  void cids() {
    List<Object> cids =
        TestJson.list(TestJson.read(MultiformatsVectorsTest.class, "cids.json").get("cids"));
    for (Object entry : cids) {
      Map<String, Object> vector = TestJson.map(entry);
      ByteBuffer data = ByteBuffer.wrap(TestJson.hex(vector.get("dataHex")));
      byte[] binary = TestJson.hex(vector.get("cidV1Hex"));
      Cid cid = Cid.of(binary);

      assertEquals(((BigDecimal) vector.get("codec")).longValueExact(), cid.codec());
      assertArrayEquals(TestJson.hex(vector.get("multihashHex")), cid.hash().bytes());
      assertArrayEquals(binary, cid.bytes());
      assertEquals(vector.get("cidV1Base32"), cid.toString());
      assertEquals(cid, Cid.parse((String) vector.get("cidV1Base32")));
      assertEquals(cid, Cid.parse((String) vector.get("cidV1Base58btc")));
      assertEquals(cid, Cid.parse(Multibase.encode(Multibase.BASE36, binary)));
      assertArrayEquals(TestJson.hex(vector.get("prefixHex")), cid.prefix());
      assertEquals(cid, Cid.fromPrefix(ByteBuffer.wrap(cid.prefix()), data));
      assertTrue(cid.hash().matches(data), () -> "" + vector.get("name"));
      if (vector.get("cidV0") instanceof String text) {
        Cid old = Cid.parse(text);
        assertEquals(text, old.toString());
        assertEquals(cid, old.asV1());
        assertFalse(cid.equals(old));
        assertEquals(cid.hash(), old.hash());
        assertEquals(old, Cid.fromPrefix(ByteBuffer.wrap(old.prefix()), data));
      }
    }
    assertFalse(cids.isEmpty());
  }

  @Test
  void multihashes() {
    String table =
        new String(
            TestJson.resource(MultiformatsVectorsTest.class, "multihash-test-cases.csv"),
            StandardCharsets.UTF_8);
    int checked = 0;
    for (String line : table.lines().skip(1).toList()) {
      String[] columns = line.split(",");
      // Shorter digests are refused when a block comes for them: too easily met by another.
      if (FUNCTIONS.containsKey(columns[0]) && Integer.parseInt(columns[1]) >= 160) {
        // What is hashed is the text of that column, as it stands.
        ByteBuffer input = ByteBuffer.wrap(columns[2].getBytes(StandardCharsets.US_ASCII));
        Multihash multihash = Multihash.of(HexFormat.of().parseHex(columns[3]));
        assertEquals(FUNCTIONS.get(columns[0]), multihash.code());
        assertTrue(multihash.matches(input), line);
        assertFalse(multihash.matches(ByteBuffer.wrap(new byte[] {1})), line);
        checked++;
      }
    }
    assertTrue(checked >= 4, "checked " + checked);
  }
}
