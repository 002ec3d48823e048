package io.sluice.protocol.ipld;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.TestJson;
import io.sluice.protocol.ipld.Selectors.Scope;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorTest {
  private static final String EDGE = "{\"@\":{}}";

  private static List<byte[]> encodings() {
    List<Object> selectors =
        TestJson.list(
            TestJson.read(SelectorTest.class, "selector-encodings.json").get("selectors"));
    return selectors.stream()
        .map(entry -> TestJson.hex(TestJson.map(entry).get("dagCborHex")))
        .toList();
  }

  private static Selector selector(String json) {
    return Selector.parse(DagJson.decode(json));
  }

  @Test
  void publishedEncodings() {
    for (byte[] bytes : encodings()) {
      Selector selector = Selector.parse(DagCbor.decode(bytes));
      assertArrayEquals(bytes, DagCbor.encode(selector.node()));
    }
  }

  @Test
  void builders() {
    Map<String, Selector> expected =
        Map.of(
            "a16152a2616ca1646e6f6e65a0623a3ea16161a1613ea16140a0", Selectors.exploreAll(),
            "a16152a2616ca16564657074681864623a3ea16161a1613ea16140a0", Selectors.exploreAll(100),
            "a1612ea0", Selectors.matchPoint(),
            "a1617ea2613ea1617c82a1612ea0a16152a2616ca165646570746801623a3ea16161a1613ea16140a062617366756e69786673",
                Selectors.unixfsPath(List.of(), Scope.ENTITY),
            "a1617ea2613ea1617c82a1612ea166737562736574a2615b00615d1a00100000a16152a2616ca165646570746801623a3ea16161a1613ea16140a062617366756e69786673",
                Selectors.unixfsBytes(List.of(), 0, 1 << 20),
            "a1617ea2613ea16166a162663ea163737562a1617ea2613ea16166a162663ea165622e62696ea1617ea2613ea1617c82a1612ea0a16152a2616ca165646570746801623a3ea16161a1613ea16140a062617366756e6978667362617366756e6978667362617366756e69786673",
                Selectors.unixfsPath(List.of("sub", "b.bin"), Scope.ENTITY),
            "a1617ea2613ea16166a162663ea16161a1617ea2613ea16166a162663ea16162a16152a2616ca1646e6f6e65a0623a3ea16161a1613ea16140a062617366756e6978667362617366756e69786673",
                Selectors.unixfsPath(List.of("a", "b"), Scope.ALL));
    expected.forEach(
        (hex, selector) ->
            assertEquals(hex, HexFormat.of().formatHex(DagCbor.encode(selector.node()))));
    assertTrue(Selectors.exploreAll().isUnlimited());
    assertFalse(Selectors.exploreAll(3).isUnlimited());
  }

  @Test
  void way() {
    Node match = Selectors.matchPoint().node();
    Node third = Node.map().put("i", Node.map().put("i", 2).put(">", match).build()).build();
    Node range =
        Node.map().put("r", Node.map().put("^", 2).put("$", 4).put(">", match).build()).build();
    Node fields = Node.map().put("a", third).put("b", match).build();
    Node two = Node.map().put("f", Node.map().put("f>", fields).build()).build();
    Map<Selector, String> expected =
        Map.of(
            Selectors.exploreAll(), "",
            Selectors.matchPoint(), "",
            Selectors.unixfsPath(List.of(), Scope.ENTITY), "",
            Selectors.unixfsPath(List.of("sub", "b.bin"), Scope.ENTITY), "sub/b.bin",
            Selectors.unixfsPath(List.of("sub", "c"), Scope.ALL), "sub/c",
            Selector.parse(third), "2",
            Selector.parse(range), "",
            Selector.parse(two), "");
    expected.forEach((selector, way) -> assertEquals(way, selector.way().toString()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "{}",
        "[]",
        "{\".\":1}",
        "{\".\":{},\"a\":{}}",
        "{\"x\":{}}",
        "{\"&\":{\"&\":{},\">\":{\".\":{}}}}",
        "{\"@\":{}}",
        "{\"a\":{}}",
        "{\"f\":{}}",
        "{\"f\":{\"f>\":[]}}",
        "{\"i\":{\"i\":\"0\",\">\":{\".\":{}}}}",
        "{\"i\":{\"i\":-1,\">\":{\".\":{}}}}",
        "{\"i\":{\"i\":9223372036854775807,\">\":{\".\":{}}}}",
        "{\"r\":{\"^\":1,\"$\":1,\">\":{\".\":{}}}}",
        "{\"r\":{\"^\":1,\">\":{\".\":{}}}}",
        "{\"R\":{\"l\":{\"none\":{}},\":>\":{\".\":{}}}}",
        "{\"R\":{\"l\":{\"some\":{}},\":>\":{\"@\":{}}}}",
        "{\"R\":{\":>\":{\"@\":{}}}}",
        "{\"R\":{\"l\":{\"none\":{}},\":>\":{\"@\":{}},\"!\":{\"=\":1}}}",
        "{\"R\":{\"l\":{\"none\":{}},\":>\":{\"R\":{\"l\":{\"none\":{}},\":>\":{\"@\":{}}}}}}",
        "{\"|\":{}}",
        "{\"~\":{\">\":{\".\":{}}}}",
        "{\"~\":{\"as\":1,\">\":{\".\":{}}}}",
        "{\".\":{\"subset\":{\"[\":2,\"]\":1}}}",
        "{\".\":{\"subset\":{\"[\":2}}}"
      })
  void refused(String json) {
    assertEquals(
        "SELECTOR_INVALID", assertThrows(ProtocolException.class, () -> selector(json)).code());
  }

  @ParameterizedTest
  @CsvSource({"31, true", "32, false"})
  void nesting(int steps, boolean allowed) {
    String json = "{\"a\":{\">\":".repeat(steps) + "{\".\":{}}" + "}}".repeat(steps);
    // The decoder of messages would refuse it first.
    Node node =
        DagJson.decode(
            java.nio.ByteBuffer.wrap(json.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
            Limits.BLOCK);
    if (allowed) {
      Selector.parse(node);
    } else {
      assertEquals(
          "SELECTOR_TOO_COMPLEX",
          assertThrows(ProtocolException.class, () -> Selector.parse(node)).code());
    }
  }

  @Test
  void sizes() {
    String many =
        Collections.nCopies(600, "{\".\":{}}").stream()
            .collect(Collectors.joining(",", "{\"|\":[", "]}"));
    assertEquals(
        "SELECTOR_TOO_COMPLEX", assertThrows(ProtocolException.class, () -> selector(many)).code());
    String large = "{\"f\":{\"f>\":{\"" + "x".repeat(17_000) + "\":{\".\":{}}}}}";
    assertEquals(
        "SELECTOR_TOO_COMPLEX",
        assertThrows(ProtocolException.class, () -> selector(large)).code());
    String deep = "{\"R\":{\"l\":{\"depth\":1025},\":>\":{\"a\":{\">\":" + EDGE + "}}}}";
    assertEquals(
        "SELECTOR_TOO_DEEP", assertThrows(ProtocolException.class, () -> selector(deep)).code());
    selector(deep.replace("1025", "1024"));
  }

  @Test
  void canonicalOrder() {
    Node fields =
        Node.map()
            .put("aa", DagJson.decode("{\".\":{}}"))
            .put("z", DagJson.decode("{\".\":{}}"))
            .build();
    Node node = Node.map().put("f", Node.map().put("f>", fields).build()).build();

    Node canonical = Selector.canonical(node).node();

    assertEquals("z", canonical.get("f").get("f>").asMap().key(0).string());
    assertEquals("aa", Selector.parse(node).node().get("f").get("f>").asMap().key(0).string());
    assertEquals(
        "a16166a162663ea2617aa1612ea0626161a1612ea0",
        HexFormat.of().formatHex(DagCbor.encode(canonical)));
  }

  @Test
  void mutations() {
    Random random = new Random(9);
    for (byte[] bytes : encodings()) {
      for (int i = 0; i < bytes.length; i++) {
        byte[] changed = i % 2 == 0 ? bytes.clone() : Arrays.copyOf(bytes, i);
        if (i % 2 == 0) {
          changed[i] ^= (byte) (1 << random.nextInt(8));
        }
        try {
          Selector.parse(DagCbor.decode(changed));
        } catch (ProtocolException refused) {
          assertFalse(refused.code().isEmpty());
        }
      }
    }
  }
}
