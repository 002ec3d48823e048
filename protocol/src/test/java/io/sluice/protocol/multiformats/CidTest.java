package io.sluice.protocol.multiformats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidTest {
  private static final Cid EMPTY =
      Cid.parse("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");

  @Test
  void wellKnown() {
    assertEquals(EMPTY, Cid.sha2_256(Codec.RAW, ByteBuffer.allocate(0)));
    Cid directory = Cid.parse("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn");
    assertTrue(directory.hash().matches(ByteBuffer.wrap(HexFormat.of().parseHex("0a020801"))));
    assertEquals(
        "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua",
        Cid.sha2_256(Codec.DAG_CBOR, ByteBuffer.wrap(new byte[] {(byte) 0xa0})).toString());
    assertEquals(EMPTY, Cid.parse("/ipfs/" + EMPTY));
    assertEquals(EMPTY, Cid.parse(EMPTY.toString().toUpperCase(java.util.Locale.ROOT)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "b",
        "bafkrei",
        "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3N0",
        "zQmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn",
        "?afkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
        "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyk1"
      })
  void noText(String text) {
    assertEquals("BAD_CID", assertThrows(ProtocolException.class, () -> Cid.parse(text)).code());
  }

  @ParameterizedTest
  @CsvSource({
    "00551220, version 0 written out",
    "02551220e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, version 2",
    "1220e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8, short version 0",
    "01551220e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8, short digest",
    "01551220e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85500, byte behind"
  })
  void noBinary(String hex, String why) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertEquals("BAD_CID", assertThrows(ProtocolException.class, () -> Cid.of(bytes), why).code());
  }

  @Test
  void tooLong() {
    Multihash carried = Multihash.hash(Multihash.IDENTITY, ByteBuffer.allocate(128));
    assertTrue(Cid.v1(Codec.RAW, carried).isIdentity());

    assertThrows(
        ProtocolException.class,
        () -> Multihash.hash(Multihash.IDENTITY, ByteBuffer.allocate(129)));
    assertThrows(ProtocolException.class, () -> Multihash.of(Multihash.SHA2_512, new byte[65]));
  }

  @Test
  void hashNotAllowed() {
    Cid sha1 = Cid.v1(Codec.RAW, Multihash.of(0x11, new byte[20]));
    Cid truncated = Cid.v1(Codec.RAW, Multihash.of(Multihash.SHA2_256, new byte[8]));
    for (Cid cid : List.of(sha1, truncated)) {
      assertEquals(
          "HASH_NOT_ALLOWED",
          assertThrows(ProtocolException.class, () -> cid.matches(ByteBuffer.allocate(1))).code());
    }
  }

  @Test
  void directBuffersHashAlike() {
    byte[] data = new byte[100_000];
    new Random(7).nextBytes(data);
    ByteBuffer direct = ByteBuffer.allocateDirect(data.length).put(data).flip();
    for (long function :
        new long[] {
          Multihash.SHA2_256, Multihash.SHA2_512, Multihash.BLAKE3, Multihash.BLAKE2B_256
        }) {
      Multihash multihash = Multihash.hash(function, ByteBuffer.wrap(data));
      assertTrue(multihash.matches(direct));
      assertTrue(multihash.matches(ByteBuffer.wrap(data).asReadOnlyBuffer()));
      assertEquals(data.length, direct.remaining());
    }
  }

  @Test
  void blake2b() {
    assertEquals(
        "a0e402200e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8",
        Multihash.hash(Multihash.BLAKE2B_256, ByteBuffer.allocate(0)).toString());
  }

  /**
   * Every prefix and every flipped byte: a CID that writes the same bytes again, or the typed
   * error.
   */
  @Test
  void mutations() {
    for (String text :
        List.of(EMPTY.toString(), "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn")) {
      byte[] bytes = Cid.parse(text).bytes();
      for (int i = 0; i < bytes.length; i++) {
        byte[] prefix = Arrays.copyOf(bytes, i);
        assertThrows(ProtocolException.class, () -> Cid.of(prefix));
        for (int bit = 0; bit < 8; bit++) {
          byte[] flipped = bytes.clone();
          flipped[i] ^= (byte) (1 << bit);
          try {
            Cid cid = Cid.of(flipped);
            assertEquals(cid, Cid.parse(cid.toString()));
            assertNotEquals(Cid.parse(text), cid);
            assertTrue(Arrays.equals(flipped, cid.bytes()));
          } catch (ProtocolException refused) {
            assertTrue(!refused.code().isEmpty());
          }
        }
      }
    }
  }

  @Test
  void multibases() {
    Random random = new Random(11);
    for (int length = 0; length < 70; length++) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      Arrays.fill(bytes, 0, Math.min(length, length % 4), (byte) 0);
      for (Multibase base : Multibase.values()) {
        String text = Multibase.encode(base, bytes);
        assertTrue(Arrays.equals(bytes, Multibase.decode(text)), () -> base + " " + text);
      }
    }
    assertEquals(
        "zUXE7GvtEk8XTXs1GF8HSGbVA9FCX9SEBPe",
        Multibase.encode(
            Multibase.BASE58_BTC,
            "Decentralize everything!!".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    assertThrows(ProtocolException.class, () -> Multibase.decode("z" + "2".repeat(100_000)));
  }
}
