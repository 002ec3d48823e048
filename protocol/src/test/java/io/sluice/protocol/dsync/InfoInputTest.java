package io.sluice.protocol.dsync;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.dsync.Manifest.Link;
import io.sluice.protocol.multiformats.Cid;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Infos as peers write them, well and badly. */
class InfoInputTest {
  private static final String A = "QmRRyHVRyJuGjeS6DP1x6rQqixLSixsh1AZGbTa6h86mGG";
  private static final String B = "Qmeyz9QZB6BzdTP8NHUrxFuaYiyG2EeGs2ab16ykYsTWou";
  private static final Manifest ONE = new Manifest(List.of(Cid.parse(A)), List.of());
  private static final Manifest TWO =
      new Manifest(List.of(Cid.parse(A), Cid.parse(B)), List.of(new Link(0, 1), new Link(0, 1)));
  private static final ManifestLimits LIMITS = new ManifestLimits(2, 3);

  @Test
  void givenSmallValues_thenBytesAreGolden() {
    assertEquals("a2656c696e6b73f6656e6f646573f6", hex(InfoCbor.encode(Manifest.EMPTY)));
    assertEquals("{\"links\":null,\"nodes\":null}", text(InfoJson.encode(Manifest.EMPTY)));
    Info info = new Info(TWO, new TreeMap<>(java.util.Map.of("bd", 1)), List.of(1L, 70000L));
    assertEquals(
        "a3"
            + "666c6162656c73a162626401"
            + "686d616e6966657374a2656c696e6b7382820001820001656e6f64657382"
            + cborText(A)
            + cborText(B)
            + "6573697a657382011a00011170",
        hex(InfoCbor.encode(info)));
    assertEquals(
        "{\"manifest\":{\"links\":[[0,1],[0,1]],\"nodes\":[\"%s\",\"%s\"]},".formatted(A, B)
            + "\"labels\":{\"bd\":1},\"sizes\":[1,70000]}",
        text(InfoJson.encode(info)));
    Info huge = new Info(ONE, new TreeMap<>(), List.of(-1L));
    assertEquals(huge, InfoCbor.decode(InfoCbor.encode(huge), LIMITS));
    assertEquals(huge, InfoJson.decode(InfoJson.encode(huge), LIMITS));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a2656e6f64657381$A656c696e6b73f6", // keys in another order
        "bf656e6f6465739f$Affff", // of no announced length
        "a2656c696e6b73f6656e6f64657381$a", // bytes for text
        "a26161d82a82a1616100f5656e6f64657381$A", // something else beside it
        "a1656e6f64657381$Affff", // something behind it
        "a2656c696e6b7380656e6f64657381$A",
        "a2656e6f6465739b0000000000000001$A656c696e6b73f7", // a longer number
      })
  void givenLooseCbor_thenReadAsTheOriginalReadsIt(String hex) {
    assertEquals(ONE, InfoCbor.decodeManifest(bytes(hex), LIMITS));
  }

  @Test
  void givenOddLinks_thenReadAsTheOriginalReadsThem() {
    byte[] cbor = bytes("a2656c696e6b738383000102810080656e6f64657382$A$B");
    List<Link> links = List.of(new Link(0, 1), new Link(0, 0), new Link(0, 0));
    assertEquals(links, InfoCbor.decodeManifest(cbor, LIMITS).links());
    byte[] json = json("{'links':[[0,1,2],[0],[]],'nodes':['%s','%s']}".formatted(A, B));
    assertEquals(links, InfoJson.decodeManifest(json, LIMITS).links());
    byte[] absent = json(" {'nodes' : ['%s'], 'other': {'x': [1]}}\n".formatted(A));
    assertEquals(ONE, InfoJson.decodeManifest(absent, LIMITS));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "BAD_MANIFEST | {}",
        "BAD_MANIFEST | {'manifest':null}",
        "BAD_MANIFEST | {'manifest':{'nodes':['$A'],'links':[[0,1]]}}",
        "BAD_MANIFEST | {'manifest':{'nodes':['$A'],'links':[[-1,0]]}}",
        "BAD_MANIFEST | {'manifest':{'nodes':['$A'],'links':[[4294967296,0]]}}",
        "BAD_MANIFEST | {'manifest':{'nodes':['$A']},'labels':{'x':1}}",
        "BAD_MANIFEST | {'manifest':{'nodes':['$A']},'sizes':[1,2]}",
        "BAD_MANIFEST | {'manifest':{'nodes':['$A']},'sizes':[-1]}",
        "BAD_CID | {'manifest':{'nodes':['nonsense']}}",
        "DECODE_SCHEMA | {'manifest':{'nodes':[1]}}",
        "DECODE_SCHEMA | []",
        "DECODE_TRUNCATED | {'manifest':{'nodes':['$A']",
        "DECODE_TRUNCATED | ''",
        "DECODE_MALFORMED | nonsense",
        "MANIFEST_TOO_LARGE | {'manifest':{'nodes':['$A','$A','$A']}}",
        "MANIFEST_TOO_LARGE | {'manifest':{'nodes':['$A'],'links':[[],[],[],[]]}}",
      })
  void givenBadJson_thenTypedError(String code, String json) {
    String text = json.replace("$A", A);
    ProtocolException refused =
        assertThrows(ProtocolException.class, () -> InfoJson.decode(json(text), LIMITS));
    assertEquals(code, refused.code());
  }

  @ParameterizedTest
  @CsvSource({
    "BAD_MANIFEST, ff",
    "BAD_MANIFEST, ''",
    "BAD_MANIFEST, a0",
    "BAD_MANIFEST, bf",
    "BAD_MANIFEST, a1686d616e6966657374f6",
    "BAD_MANIFEST, a1686d616e6966657374a1656e6f6465739bffffffffffffffff",
    "BAD_MANIFEST, a1686d616e6966657374a1656e6f646573817bffffffffffffffff",
    "BAD_MANIFEST, a1686d616e6966657374a1656e6f646573817b7fffffffffffffff",
    "BAD_MANIFEST, a1686d616e6966657374a2656e6f64657381$A656c696e6b7381821bffffffffffffffff00",
    "BAD_MANIFEST, a1686d616e6966657374a2656e6f64657381$A656c696e6b7381822000",
    "BAD_MANIFEST, a16161818181818181818181818181818181818181818181818181818181818181818181818100",
    "BAD_CID, a1686d616e6966657374a1656e6f64657381626f6f",
    "MANIFEST_TOO_LARGE, a1686d616e6966657374a1656e6f64657383$A$A$A",
    "MANIFEST_TOO_LARGE, a1686d616e6966657374a1656c696e6b739f80808080ff",
  })
  void givenBadCbor_thenTypedError(String code, String hex) {
    ProtocolException refused =
        assertThrows(ProtocolException.class, () -> InfoCbor.decode(bytes(hex), LIMITS));
    assertEquals(code, refused.code());
  }

  @Test
  void givenBodyBeyondTheLimit_thenNotReadAtAll() {
    byte[] long1 = new byte[LIMITS.bytes() + 1];
    for (ProtocolException refused :
        List.of(
            assertThrows(ProtocolException.class, () -> InfoCbor.decode(long1, LIMITS)),
            assertThrows(ProtocolException.class, () -> InfoJson.decode(long1, LIMITS)))) {
      assertEquals(BadManifest.TOO_LARGE, refused.code());
    }
  }

  /** Whatever bytes come: a value or a typed error, never another exception. */
  @Test
  void givenChangedBytes_thenValueOrTypedError() {
    long seed = Long.getLong("sluice.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    byte[] cbor = InfoCbor.encode(new Info(TWO, new TreeMap<>(), List.of(1L, 2L)));
    byte[] json = InfoJson.encode(new Info(TWO, new TreeMap<>(), List.of(1L, 2L)));
    for (int i = 0; i < 20_000; i++) {
      assertDecodes(changed(cbor, random), true, seed);
      assertDecodes(changed(json, random), false, seed);
    }
  }

  private static void assertDecodes(byte[] input, boolean cbor, long seed) {
    try {
      Info info = cbor ? InfoCbor.decode(input, LIMITS) : InfoJson.decode(input, LIMITS);
      assertArrayEquals(
          InfoCbor.encode(info), InfoCbor.encode(InfoCbor.decode(InfoCbor.encode(info), LIMITS)));
    } catch (ProtocolException e) {
      // what it is for
    } catch (RuntimeException | Error e) {
      throw new AssertionError("seed " + seed + ": " + hex(input), e);
    }
  }

  private static byte[] changed(byte[] bytes, SplittableRandom random) {
    byte[] changed =
        java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length / 2, bytes.length + 2));
    for (int i = random.nextInt(3); i >= 0; i--) {
      changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
    }
    return changed;
  }

  private static byte[] bytes(String hex) {
    String bytesForText = hex.replace("$a", "582e" + cborText(A).substring(4));
    return HexFormat.of()
        .parseHex(bytesForText.replace("$A", cborText(A)).replace("$B", cborText(B)));
  }

  private static byte[] json(String text) {
    return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }

  private static String cborText(String text) {
    return "782e" + hex(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
