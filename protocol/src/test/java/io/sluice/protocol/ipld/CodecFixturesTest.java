package io.sluice.protocol.ipld;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.TestJson;
import io.sluice.protocol.multiformats.Cid;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One value in several codecs: each is read, and written in all others byte for byte. */
class CodecFixturesTest {
  private record Encoding(String name, Cid cid, String hex) {
    byte[] bytes() {
      return HexFormat.of().parseHex(hex);
    }
  }

  private static Map<String, List<Encoding>> fixtures() {
    Map<String, List<Encoding>> fixtures = new LinkedHashMap<>();
    text("codec-fixtures.txt")
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("\t", -1))
        .forEach(
            columns ->
                fixtures
                    .computeIfAbsent(columns[0], name -> new java.util.ArrayList<>())
                    .add(new Encoding(columns[0], Cid.parse(columns[2]), columns[3])));
    return fixtures;
  }

  private static String text(String name) {
    return new String(TestJson.resource(CodecFixturesTest.class, name), StandardCharsets.UTF_8);
  }

  @Test
  void everyCodecIntoEveryOther() {
    Map<String, List<Encoding>> fixtures = fixtures();
    for (List<Encoding> encodings : fixtures.values()) {
      for (Encoding from : encodings) {
        Block block = Block.verified(from.cid(), ByteBuffer.wrap(from.bytes()));
        Node node = Codecs.decode(from.cid().codec(), block.data());
        for (Encoding to : encodings) {
          byte[] written = Codecs.encode(to.cid().codec(), node);
          assertArrayEquals(
              to.bytes(), written, () -> from.name() + " " + from.cid() + " to " + to.cid());
        }
      }
    }
    assertTrue(fixtures.size() > 100, "fixtures: " + fixtures.size());
  }

  @Test
  void whatWeWriteIsStrict() {
    for (List<Encoding> encodings : fixtures().values()) {
      for (Encoding encoding : encodings) {
        byte[] cbor =
            DagCbor.encode(
                Codecs.decode(encoding.cid().codec(), ByteBuffer.wrap(encoding.bytes())));
        Node node = DagCbor.decodeStrict(ByteBuffer.wrap(cbor), Limits.BLOCK);
        assertArrayEquals(cbor, DagCbor.encode(node));
        assertArrayEquals(cbor, joined(DagCbor.encodeParts(node)));
      }
    }
  }

  static byte[] joined(List<ByteBuffer> parts) {
    ByteBuffer all = ByteBuffer.allocate(parts.stream().mapToInt(ByteBuffer::remaining).sum());
    parts.forEach(part -> all.put(part.duplicate()));
    return all.array();
  }

  @Test
  void refusedWhenRead() {
    refuse(
        "negative-dag-cbor-decode-duplicate-keys.json",
        bytes -> DagCbor.decode(bytes, Limits.BLOCK));
    refuse(
        "negative-dag-json-decode-duplicate-keys.json",
        bytes -> DagJson.decode(bytes, Limits.BLOCK));
    refuse("negative-dag-pb-decode-edges.json", DagPb::decode);
  }

  private static void refuse(String file, java.util.function.Consumer<ByteBuffer> decoder) {
    List<Object> vectors = TestJson.list(TestJson.parse(text(file)));
    for (Object vector : vectors) {
      byte[] bytes = TestJson.hex(TestJson.map(vector).get("hex"));
      assertThrows(
          ProtocolException.class, () -> decoder.accept(ByteBuffer.wrap(bytes)), () -> "" + vector);
    }
  }

  @Test
  void refusedWhenWritten() {
    for (String kind : List.of("basic-datamodel-kinds", "invalid-forms")) {
      Node vectors = DagJson.decode(text("negative-dag-pb-encode-" + kind + ".json"));
      for (Node vector : vectors.asList()) {
        Node form = vector.get("dag-json");
        String name = vector.get("name").asText();
        if (name.contains("bad sort")) {
          // Sorted rather than refused: as the Go codec does.
          List<PbLink> links = DagPb.decode(ByteBuffer.wrap(DagPb.encode(PbNode.of(form)))).links();
          assertEquals(
              links.stream().map(PbLink::nameText).sorted().toList(),
              links.stream().map(PbLink::nameText).toList());
        } else {
          assertThrows(ProtocolException.class, () -> DagPb.encode(PbNode.of(form)), name);
        }
      }
    }
  }
}
